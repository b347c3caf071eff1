/// What a step of a label's state machine tells the world.
public struct Transition: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case started
        case updated
        case ended(EndReason)
    }

    public var kind: Kind
    /// The monotonic time at which the score first reached the threshold; the same in all transitions of one event.
    public var startTime: Duration
    /// The monotonic time of this step. An end that a merge gap held back has the time at which it would have come without.
    public var time: Duration
    /// The score at `time`.
    public var score: Double
    /// The highest score since `startTime`.
    public var topScore: Double

    public init(kind: Kind, startTime: Duration, time: Duration, score: Double, topScore: Double) {
        self.kind = kind
        self.startTime = startTime
        self.time = time
        self.score = score
        self.topScore = topScore
    }
}
