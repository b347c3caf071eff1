import ArgumentParser
import Models
import Offline
import Settings

struct Teach: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what example clips do for a label.",
        discussion: """
            A label may have examples beside its text: clips that show it. Their mean stands
            beside the text, as far as it helps to tell the clips, each held out in turn,
            from their own first pictures held still and from other labels' clips. This
            prints how well that works, before one trusts it: each clip's score by the text
            alone and as taught, and the weight that was chosen.

            Without clips, of the labels with examples in the configuration; with clips, of
            these as examples of --label, among the labels of --config where that is given.

            Example:
              watchword teach --config mine.yaml --stream yard
              watchword teach --label "a forklift tips over" tip1.mp4 tip2.mp4 tip3.mp4
            """
    )

    @Argument(help: "Clips that show the label.", completion: .file())
    var clips: [String] = []

    @Option(help: ArgumentHelp("The label: its name in the configuration, or a text.", valueName: "label"))
    var label: String?

    @Option(
        help: ArgumentHelp(
            "The configuration file. (default: /etc/watchword/watchword.yaml, with clips none)",
            valueName: "file"
        ),
        completion: .file()
    )
    var config: String?

    @Option(help: ArgumentHelp("Whose labels, where the configuration has several streams.", valueName: "name"))
    var stream: String?

    @Option(
        help: "With clips and without --config: a directory with an X-CLIP checkpoint, or `embedded`.",
        completion: .directory
    )
    var model: String?

    @Flag(help: "One JSON object a label.")
    var json = false

    func validate() throws {
        if !clips.isEmpty && label == nil { throw ValidationError("Say with --label what the clips show.") }
        if model != nil && (clips.isEmpty || config != nil) {
            throw ValidationError("--model goes with clips and without --config, which names the model.")
        }
        if stream != nil && !clips.isEmpty && config == nil {
            throw ValidationError("--stream goes with --config.")
        }
    }

    func run() throws {
        var bar = ProgressLine()
        defer { bar.clear() }
        let reports = try trial().run { bar.show($0) }
        bar.clear()
        for (index, report) in reports.enumerated() {
            if index > 0, !json { try printLine("") }
            try printLine(json ? report.json : report.text)
        }
    }

    private func trial() throws -> TeachingTrial {
        if config == nil, let label, !clips.isEmpty {
            return try TeachingTrial(clips: clips, label: label, in: nil, model: model ?? ModelLocation.embedded)
        }
        let configuration = try Configuration.load(path: config ?? ConfigurationFile.usual)
        let (chosen, path) = try configuredStream(stream, of: configuration)
        if let label, !clips.isEmpty {
            return try TeachingTrial(clips: clips, label: label, in: chosen, model: path)
        }
        return try TeachingTrial(stream: chosen, model: path, label: label)
    }
}
