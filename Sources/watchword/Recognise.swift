import ArgumentParser
import Foundation
import Models
import Offline
import Recognition
import Settings
import XCLIP

struct Recognise: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score a video file against labels.",
        discussion: """
            Decodes as fast as possible. From the first full window on, it prints a line for
            each decision: the time of the window's newest frame and each label's score.
            With --json, the line also has the logits and the frames used.

            Example:
              watchword recognise clip.mp4 --model DIR --label "a person falls" --label "a dog barks"
            """
    )

    @Argument(help: "The video: a file, or any URL that `run` takes.", completion: .file())
    var video: String

    @Option(
        help: "A directory with an X-CLIP checkpoint, a pulled model's name, or `embedded`.",
        completion: .directory
    )
    var model = ModelLocation.embedded

    @Option(help: ArgumentHelp("What to look for; may be given again.", valueName: "text"))
    var label: [String] = []

    @Option(help: ArgumentHelp("A file with one label per line.", valueName: "file"), completion: .file())
    var labels: String?

    @Option(
        help: ArgumentHelp(
            "What the camera ordinarily shows, in addition to the neutral texts; may be given again.",
            valueName: "text"
        )
    )
    var background: [String] = []

    @Option(help: ArgumentHelp(StreamOption("reuse").description, valueName: "level"))
    var reuse = ReuseLevel.exact

    @Option(help: .overriding("window", "time"))
    var window: String?

    @Option(help: ArgumentHelp(StreamOption("hop").description, valueName: "n"))
    var hop = StreamOption("hop").defaultText

    @Option(
        help: ArgumentHelp(StreamOption("view").description, valueName: "view"),
        completion: .list(["square", "whole", "tiles"])
    )
    var view = StreamOption("view").defaultText

    @Flag(help: "Print one JSON object per line.")
    var json = false

    func validate() throws {
        if label.isEmpty && labels == nil { throw ValidationError("Give at least one --label, or --labels FILE.") }
        try validateLabels(label)
        var options = StreamOptions()
        try override(&options)
    }

    private func override(_ options: inout StreamOptions) throws {
        try options.override(["window": window, "hop": hop, "view": view])
    }

    func run() throws {
        let texts = try labelTexts(label, file: labels)
        var options = try ClipRecognition.Options(video: video, model: model, labels: texts)
        options.stream.background += background
        options.stream.reuse = reuse
        try override(&options.stream)
        var bar = ProgressLine()
        defer { bar.clear() }
        try ClipRecognition(options).run(
            progress: { bar.show($0) },
            warn: { warning in
                bar.clear()
                Outcome.complain("watchword: warning: \(warning)")
            }
        ) { decision in
            bar.clear()
            try printLine(json ? decision.json : Self.readable(decision))
        }
    }

    /// "    6.40 s   0.910 a person falls   0.120 a dog barks", the highest score first.
    private static func readable(_ decision: ClipRecognition.Decision) -> String {
        let ranked = decision.labels.indices.sorted { decision.scores[$0] > decision.scores[$1] }
        let scores = ranked.map { String(format: "%.3f ", decision.scores[$0]) + decision.labels[$0] }
        return String(format: "%8.2f s   ", decision.time) + scores.joined(separator: "   ")
    }
}

extension ReuseLevel: ExpressibleByArgument {}
