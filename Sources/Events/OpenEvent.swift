/// An event that has started and not ended.
package struct OpenEvent: Sendable, Equatable {
    /// The monotonic time at which the score first reached the threshold.
    package var startTime: Duration
    /// The threshold that its score had to reach.
    package var threshold: Double
    /// The latest score.
    package var score: Double
    /// The highest score since `startTime`.
    package var topScore: Double
    /// Where in the picture the highest score was; nil if the picture has one part.
    package var topPart: PicturePart?

    mutating func add(_ score: Double, _ part: PicturePart?) {
        self.score = score
        if score > topScore { (topScore, topPart) = (score, part) }
    }

    func transition(_ kind: Transition.Kind, at time: Duration) -> Transition {
        Transition(
            kind: kind,
            startTime: startTime,
            time: time,
            threshold: threshold,
            score: score,
            topScore: topScore,
            part: topPart
        )
    }
}
