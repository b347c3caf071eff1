import Foundation

extension LabelDecoder {
    /// With one clip none could be held out; more than these add start-up time and little else.
    static let examples = 2...64

    /// Reads a label's example clips: their paths, and what they hold, so that another clip under the same name is noticed.
    /// Nil where there are none, or what is wrong was reported.
    func examples(
        _ label: SourceNode,
        path: String,
        _ context: inout DecodingContext
    ) -> (clips: [ExampleClip], shown: String)? {
        guard let entry = label.entry("examples") else { return nil }
        guard case .sequence(let nodes) = entry.value.content else {
            let message = "\(path) must be a list, not \(entry.value.kind)"
            context.report(entry.value.place, message, remedy: "write it like [clip1.mp4, clip2.mp4]")
            return nil
        }
        guard Self.examples.contains(nodes.count) else {
            let message = "\(path) has \(nodes.count) clip\(nodes.count == 1 ? "" : "s")"
            let remedy =
                "give \(Self.examples.lowerBound) to \(Self.examples.upperBound): each is held out once to see how much they help"
            context.report(entry.value.place, message, remedy: remedy)
            return nil
        }
        var (clips, shown): ([ExampleClip], [String]) = ([], [])
        for (index, node) in nodes.enumerated() {
            let path = "\(path)[\(index + 1)]"
            let text = context.text(of: node, path: path, example: "clip1.mp4", TextRules.line(limit: 4096))
            guard let text else { continue }
            let file = Self.path(text.text, besideFileOf: node.place)
            do throws(ExampleFile.Failure) {
                let digest = try ExampleFile.digest(of: file)
                if let twin = clips.first(where: { $0.digest == digest }) {
                    throw ExampleFile.Failure(
                        message: "holds the same as \(twin.path)",
                        remedy: "give clips that differ: one that is held out must not be among the others"
                    )
                }
                clips.append(ExampleClip(path: file, digest: digest, place: node.place))
                shown.append(text.display)
            } catch {
                context.report(node.place, "\(path) \(text.quoted) \(error.message)", remedy: error.remedy)
            }
        }
        return clips.count == nodes.count ? (clips, shown.joined(separator: ", ")) : nil
    }

    /// A path that is not absolute counts from where the configuration file lies: the daemon is started anywhere.
    private static func path(_ path: String, besideFileOf place: Place) -> String {
        guard case .position(let file, _, _) = place, !path.hasPrefix("/") else { return path }
        let directory = (file as NSString).deletingLastPathComponent
        return directory.isEmpty ? path : directory + "/" + path
    }
}
