import ArgumentParser
import Models
import Offline
import Settings

struct Teach: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how well example clips teach a label.",
        discussion: """
            A label may have examples in addition to its text: clips that show it. Their
            mean is combined with the text, with the weight that best separates the clips,
            each held out in turn, from their own first pictures held still and from other
            labels' clips. This command shows how well that works: each clip's score by the
            text alone and as taught, the chosen weight, and a threshold for the label.
            Examples that do not stand apart are refused: the text then decides alone.

            With --background, it also shows what the lesson does in footage in which
            nothing happened, and takes that into account for the threshold.

            Without clips, it tests the labels with examples in the configuration. With
            clips, it tests them as examples of --label, among the labels of --config if
            that is given.

            Example:
              watchword teach --config mine.yaml --stream yard
              watchword teach --config mine.yaml --stream yard --background quiet.mp4
              watchword teach --label "a forklift tips over" tip1.mp4 tip2.mp4 tip3.mp4
            """
    )

    @Argument(help: "Clips that show the label.", completion: .file())
    var clips: [String] = []

    @Option(help: ArgumentHelp("The label: a name in the configuration, or a text.", valueName: "label"))
    var label: String?

    @Option(
        help: ArgumentHelp(
            "The configuration file. (default: \(ConfigurationFile.defaultPath); with clips, none)",
            valueName: "file"
        ),
        completion: .file()
    )
    var config: String?

    @Option(
        help: ArgumentHelp("The stream with the labels. Required if the configuration has several.", valueName: "name")
    )
    var stream: String?

    @Option(
        help: "With clips and without --config: a directory with an X-CLIP checkpoint, or `embedded`.",
        completion: .directory
    )
    var model: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Recordings in which nothing happened.", valueName: "video"),
        completion: .file()
    )
    var background: [String] = []

    @Flag(help: "Print one JSON object per label.")
    var json = false

    func validate() throws {
        if !clips.isEmpty && label == nil { throw ValidationError("Give --label: the label that the clips show.") }
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
        var trial = try trial()
        trial.background = background
        let reports = try trial.run { bar.show($0) }
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
        let configuration = try Configuration.load(path: config ?? ConfigurationFile.defaultPath)
        let (chosen, path) = try configuredStream(stream, of: configuration)
        if let label, !clips.isEmpty {
            return try TeachingTrial(clips: clips, label: label, in: chosen, model: path)
        }
        return try TeachingTrial(stream: chosen, model: path, label: label)
    }
}
