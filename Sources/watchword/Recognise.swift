import ArgumentParser
import Foundation
import Offline
import Recognition
import Settings
import XCLIP

struct Recognise: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score a video file against labels.",
        discussion: """
            Decodes as fast as possible. From the first full window on, it prints a line
            for each decision: the time of the window's newest frame and each label's
            score. With --json, the line also has the logits and the frames used. With
            --config, a configured stream's labels are scored, with its window, view, crop
            and masks.

            Example:
              watchword recognise clip.mp4 --model DIR --label "a person falls" \\
                --label "a dog barks"
              watchword recognise clip.mp4 --config mine.yaml --stream yard
            """
    )

    @Argument(help: "The video: a file, or any URL that `run` takes.", completion: .file())
    var video: String

    @OptionGroup var choice: LabelChoice

    @Option(help: ArgumentHelp(StreamOption("reuse").description, valueName: "level"))
    var reuse = ReuseLevel.exact

    @Flag(help: "Print one JSON object per line.")
    var json = false

    func validate() throws { try choice.requireLabels() }

    func run() throws {
        var options = try choice.options(video: video)
        options.stream.options.reuse = reuse
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
