/// When a label's score makes an event. Durations are on the monotonic clock.
package struct EventRules: Sendable, Equatable {
    /// A score of at least this much is the label present.
    package var threshold: Double
    /// A score below this much is the label absent. Between the two an open event stays open.
    package var release: Double
    /// How long the score must stay at the threshold before an event starts. Zero: the first such score starts it.
    package var minDuration: Duration
    /// How long the score must stay below the release before the event ends. Zero: the first such score ends it.
    package var hold: Duration
    /// How long after an end no new event starts.
    package var cooldown: Duration
    /// What would start less than this after an end goes on with the event that ended. Zero: no end waits.
    package var mergeGap: Duration

    package init(
        threshold: Double,
        release: Double,
        minDuration: Duration,
        hold: Duration,
        cooldown: Duration,
        mergeGap: Duration = .zero
    ) {
        self.threshold = threshold
        self.release = release
        self.minDuration = minDuration
        self.hold = hold
        self.cooldown = cooldown
        self.mergeGap = mergeGap
    }
}
