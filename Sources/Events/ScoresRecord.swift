package import Text

/// The scores of one decision, for tuning: sent to those who ask for them, never kept.
package struct ScoresRecord: Sendable, Equatable {
    /// The moment of the newest frame of the window.
    package enum Moment: Sendable, Equatable {
        /// Of a live stream.
        case utc(UTCTime)
        /// Of a file: its presentation time in seconds.
        case media(Double)
    }

    package struct Entry: Sendable, Equatable {
        /// The label's name: the key of its logit and its score.
        package var label: String
        package var logit: Float
        package var score: Double

        package init(label: String, logit: Float, score: Double) {
            self.label = label
            self.logit = logit
            self.score = score
        }
    }

    /// Nil where there is but one, as in a file.
    package var stream: String?
    package var time: Moment
    /// The presentation times in seconds of the window's frames, in order; nil where they are not worth telling.
    package var frames: [Double]?
    /// The reuse level that made the scores.
    package var reuse: String
    /// One entry a label; no label twice.
    package var entries: [Entry]

    package init(stream: String?, time: Moment, frames: [Double]? = nil, reuse: String, entries: [Entry]) {
        self.stream = stream
        self.time = time
        self.frames = frames
        self.reuse = reuse
        self.entries = entries
    }

    /// The record as a line, without the keys that have no value.
    package var line: JSONLine {
        var line = JSONLine(type: "scores")
        if let stream { line.add("stream", stream) }
        switch time {
        case .utc(let time): line.add("time", time)
        case .media(let seconds): line.add("time", seconds)
        }
        if let frames { line.add("frames", frames) }
        line.add("reuse", reuse)
        var logits = JSONLine()
        var scores = JSONLine()
        for entry in entries {
            logits.add(entry.label, entry.logit)
            scores.add(entry.label, entry.score)
        }
        line.add("logits", logits)
        line.add("scores", scores)
        return line
    }
}
