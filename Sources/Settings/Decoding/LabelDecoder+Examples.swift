import ConfigurationText
import Foundation

extension LabelDecoder {
    /// The number of clips. With one, none could be held out; more than 64 add start-up time and little accuracy.
    static let examples = 2...64

    /// Reads a label's example clips: their paths, and the digests of their content, which reveal a changed clip. Returns nil
    /// if there are none, or if they are wrong and were reported.
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
                "give \(Self.examples.lowerBound) to \(Self.examples.upperBound): each is held out once to measure how much they help"
            context.report(entry.value.place, message, remedy: remedy)
            return nil
        }
        var (clips, shown): ([ExampleClip], [String]) = ([], [])
        for (index, node) in nodes.enumerated() {
            let path = "\(path)[\(index + 1)]"
            let text = context.text(of: node, path: path, example: "clip1.mp4", TextRules.line(limit: 4096))
            guard let text else { continue }
            let file = Self.path(text.text, besideFileOf: node.place)
            guard !context.isShared || file.hasPrefix("/") else {
                let remedy = "write its whole path, which is the same on each host"
                context.report(node.place, "\(path) \(text.quoted) is not a path from the root", remedy: remedy)
                continue
            }
            guard context.readsClips else {
                clips.append(ExampleClip(path: file, digest: "", place: node.place))
                shown.append(text.display)
                continue
            }
            do throws(ExampleFile.Failure) {
                let digest = try ExampleFile.digest(
                    of: file,
                    ifAbsent: "check the path; it is relative to the configuration file's directory"
                )
                if let twin = clips.first(where: { $0.digest == digest }) {
                    throw ExampleFile.Failure(
                        message: "has the same content as \(twin.path)",
                        remedy: "give different clips: a clip that is held out must not be among the others"
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

    /// Resolves a relative path from the configuration file's directory: the daemon may be started anywhere.
    private static func path(_ path: String, besideFileOf place: Place) -> String {
        guard case .position(let file, _, _) = place, !path.hasPrefix("/") else { return path }
        let directory = (file as NSString).deletingLastPathComponent
        return directory.isEmpty ? path : directory + "/" + path
    }
}
