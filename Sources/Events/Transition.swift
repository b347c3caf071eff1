/// A change that a label's state machine reports.
package struct Transition: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case started
        case updated
        case ended(EndReason)
    }

    package var kind: Kind
    /// The monotonic time at which the score first reached the threshold; the same in all transitions of one event.
    package var startTime: Duration
    /// The monotonic time of this change. An end that a merge gap delayed has the time that it would have had without
    /// the gap.
    package var time: Duration
    /// The threshold that the score had to reach for the event to start.
    package var threshold: Double
    /// The score at `time`.
    package var score: Double
    /// The highest score since `startTime`.
    package var topScore: Double
    /// Where in the picture the highest score was; nil if the picture has one part.
    package var part: PicturePart?

    package init(
        kind: Kind,
        startTime: Duration,
        time: Duration,
        threshold: Double,
        score: Double,
        topScore: Double,
        part: PicturePart? = nil
    ) {
        self.kind = kind
        self.startTime = startTime
        self.time = time
        self.threshold = threshold
        self.score = score
        self.topScore = topScore
        self.part = part
    }
}
