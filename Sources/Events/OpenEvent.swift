/// An event that has started and not ended.
package struct OpenEvent: Sendable, Equatable {
    /// The monotonic time at which the score first reached the threshold.
    package var startTime: Duration
    /// The latest score.
    package var score: Double
    /// The highest score since `startTime`.
    package var topScore: Double

    mutating func add(_ score: Double) {
        self.score = score
        topScore = max(topScore, score)
    }

    func transition(_ kind: Transition.Kind, at time: Duration) -> Transition {
        Transition(kind: kind, startTime: startTime, time: time, score: score, topScore: topScore)
    }
}
