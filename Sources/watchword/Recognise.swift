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
            Decodes as fast as it can and prints one line a decision, from the first full
            window on: the time of the window's newest frame and each label's score. With
            --json also the logits and the frames used.

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

    @Option(help: ArgumentHelp("A file with one label a line.", valueName: "file"), completion: .file())
    var labels: String?

    @Option(
        help: ArgumentHelp("What is ordinarily seen, beside the built-in texts; may be given again.", valueName: "text")
    )
    var background: [String] = []

    @Option(
        help: """
            exact: the published model. cached: each frame encoded once. sweep: that, and earlier frames brought up to it.
            """
    )
    var reuse = ReuseLevel.exact

    @Option(
        help: ArgumentHelp(
            "The stretch of time the model's frames are spread over. (default: the model's own, or 5s)",
            valueName: "time"
        ),
        transform: span
    )
    var window: Duration?

    @Option(help: ArgumentHelp("Decide at every N-th sampled frame.", valueName: "n"))
    var hop = 1

    @Flag(help: "One JSON object a line.")
    var json = false

    func validate() throws {
        if label.isEmpty && labels == nil { throw ValidationError("Give at least one --label, or --labels FILE.") }
        if !(1...1024).contains(hop) { throw ValidationError("--hop must be from 1 to 1024.") }
        try validateLabels(label)
    }

    func run() throws {
        let texts = try labelTexts(label, file: labels)
        var options = try ClipRecognition.Options(video: video, model: model, labels: texts)
        options.stream.background += background
        options.stream.reuse = reuse
        options.stream.window = window ?? options.stream.window
        options.stream.hop = hop
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

    /// "  6.40 s   0.91 a person falls   0.12 a dog barks", the highest score first.
    private static func readable(_ decision: ClipRecognition.Decision) -> String {
        let ranked = decision.labels.indices.sorted { decision.scores[$0] > decision.scores[$1] }
        let scores = ranked.map { String(format: "%.3f ", decision.scores[$0]) + decision.labels[$0] }
        return String(format: "%8.2f s   ", decision.time) + scores.joined(separator: "   ")
    }
}

extension ReuseLevel: ExpressibleByArgument {}
