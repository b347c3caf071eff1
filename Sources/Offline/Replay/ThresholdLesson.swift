import Events
import Models
import Recognition
import ScoreHistory
import Settings
package import Text

/// What the thresholds that are learned have seen before a replay begins: the daemon's history, and recordings of the quiet
/// scene. Nothing of it is reported.
package struct ThresholdLesson: Sendable {
    /// The journal whose daemon kept a history, and from when on it is read.
    package var history: (journal: String, since: UTCTime)?
    /// Recordings of the quiet scene, which are taken for what days are like, however short they are.
    package var background: [String] = []

    package init() {}

    package var isEmpty: Bool { history == nil && background.isEmpty }

    /// The thresholds of a stream after the lesson; nil without one.
    ///
    /// - Throws: `OperationError` if no threshold of the stream is learned, or the history has none of its labels; `CaptureError`
    ///   if a recording breaks.
    func learned(
        by recorded: RecordedStream,
        model: String,
        progress: (String) -> Void,
        warn: (String) -> Void
    ) throws -> [LearnedThreshold?]? {
        guard !isEmpty else { return nil }
        let stream = recorded.stream
        var learned = stream.specification.learnedThresholds
        guard learned.contains(where: { $0 != nil }) else {
            throw OperationError(
                "no label of the stream \(stream.name) has threshold: auto, so that there is nothing to learn from footage; "
                    + "set it, or leave --quiet and --history out"
            )
        }
        if let history {
            let histories = try StreamHistories(
                stream,
                model: model,
                journal: history.journal,
                since: history.since,
                warn: warn
            )
            for (label, history) in histories.labels.enumerated() {
                guard let history else { continue }
                learned[label]?.learn(history, temperature: stream.temperature)
            }
        }
        try recorded.check(background)
        for (index, video) in background.enumerated() {
            let place = ", background \(index + 1) of \(background.count)"
            learned = try recorded.run(video, learned: learned, progress: { progress($0 + place) }, warn: warn).learned
        }
        if !background.isEmpty {
            for label in learned.indices { learned[label]?.settle() }
        }
        return learned
    }
}
