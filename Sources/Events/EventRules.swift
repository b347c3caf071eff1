/// When a label's score starts and ends an event. Durations are on the monotonic clock; scores are from 0 to 1.
package struct EventRules: Sendable, Equatable {
    /// A score of at least this means that the label is present.
    package var threshold: Double
    /// A score below this means that the label is absent. Between the two, an open event stays open.
    package var release: Double
    /// How long the score must stay at or above the threshold before an event starts. Zero: the first such score starts it.
    package var minDuration: Duration
    /// How long the score must stay below the release before the event ends. Zero: the first such score ends it.
    package var hold: Duration
    /// How long after an end no new event starts.
    package var cooldown: Duration
    /// If a new event would start within this long of the last end, the old event continues. Zero: no end waits.
    package var mergeGap: Duration
    /// Whether the threshold follows the label's quiet level (`LearnedThreshold`). `threshold` and `release` then hold until
    /// that is known.
    package var isLearned: Bool

    package init(
        threshold: Double,
        release: Double,
        minDuration: Duration,
        hold: Duration,
        cooldown: Duration,
        mergeGap: Duration = .zero,
        isLearned: Bool = false
    ) {
        self.threshold = threshold
        self.release = release
        self.minDuration = minDuration
        self.hold = hold
        self.cooldown = cooldown
        self.mergeGap = mergeGap
        self.isLearned = isLearned
    }
}
