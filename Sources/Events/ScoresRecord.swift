package import Text

/// The scores of one decision, for tuning. They are sent to subscribers that request them, and never stored.
package struct ScoresRecord: Sendable, Equatable {
    /// The moment of the newest frame of the window.
    package enum Moment: Sendable, Equatable {
        /// The time in a live stream.
        case utc(UTCTime)
        /// The presentation time in a file, in seconds.
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

    /// The stream's name; nil if there is only one stream, as for a file.
    package var stream: String?
    package var time: Moment
    /// The presentation times of the window's frames in seconds, in order; nil if they are not reported.
    package var frames: [Double]?
    /// The reuse level that made the scores.
    package var reuse: String
    /// One entry per label, without duplicates.
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
