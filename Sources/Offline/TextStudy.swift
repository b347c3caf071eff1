import Recognition
import Settings

/// Scores a video and counts which text of each label carried its score: what `labels` does.
package struct TextStudy {
    private let options: ClipRecognition.Options

    package init(_ options: ClipRecognition.Options) { self.options = options }

    /// - Parameters:
    ///   - progress: gets a line for people.
    ///   - warn: gets a warning about the video.
    /// - Returns: a report for each label.
    /// - Throws: the errors of `ClipRecognition`.
    package func run(
        progress: (String) -> Void = { _ in },
        warn: (String) -> Void = { _ in }
    ) throws -> [TextReport] {
        // A share of the labels takes no account of the background.
        let background = options.stream.scoring == .exclusive ? [] : options.stream.background
        var reports = options.stream.labels.map { TextReport($0, background: background) }
        try ClipRecognition(options).run(progress: progress, warn: warn) { decision in
            for label in reports.indices {
                reports[label].add(
                    decision.textLogits[label],
                    logit: decision.logits[label],
                    score: decision.scores[label],
                    at: decision.time
                )
            }
        }
        return reports
    }
}
