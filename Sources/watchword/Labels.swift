import ArgumentParser
import Offline

struct Labels: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show which text of a label carried its score.",
        discussion: """
            Scores a video as `recognise` does, at `exact`. For each label, it prints its
            texts, each with the mean and the highest logit that it has by itself and the
            share of the windows in which it was the label's best; then the texts against
            the label, each with the share of the windows in which it was above the label.
            A text that is never the best may go. With `combine: mean`, it may even harm.

            Example:
              watchword labels falls.mp4 --config mine.yaml --stream yard
              watchword labels falls.mp4 --label "a person falls" --label "someone collapses"
            """
    )

    @Argument(help: "The video: a file, or any URL that `run` takes.", completion: .file())
    var video: String

    @OptionGroup var choice: LabelChoice

    @Flag(help: "Print one JSON object per label.")
    var json = false

    func run() throws {
        let options = try choice.options(video: video)
        var bar = ProgressLine()
        defer { bar.clear() }
        let reports = try TextStudy(options).run(progress: { bar.show($0) }) { warning in
            bar.clear()
            Outcome.complain("watchword: warning: \(warning)")
        }
        bar.clear()
        for (index, report) in reports.enumerated() {
            if index > 0, !json { try printLine("") }
            try printLine(json ? report.json : report.text)
        }
    }
}
