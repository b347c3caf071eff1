package import Events
import Text

extension LearnedThreshold {
    /// The shares of a minute that its quantiles stand for. Each stands for what lies around it, the peak for the highest tenth
    /// of what is above the 95 % quantile and up to it.
    private static let shares = (median: 0.65, q80: 0.225, q95: 0.1, peak: 0.025)

    /// Learns what it would have learned while this was watched: events open and close as they would have by the threshold of
    /// their time.
    package mutating func learn(_ history: LabelHistory, temperature: Double) {
        for minute in history.minutes {
            let isOpen = minute.held >= Lead.ofScore(rules.threshold, temperature: temperature)
            _ = observe(
                [
                    (minute.median, Self.shares.median), (minute.q80, Self.shares.q80), (minute.q95, Self.shares.q95),
                    (minute.peak, Self.shares.peak),
                ],
                over: minute.covered,
                isOpen: isOpen,
                at: .microseconds(minute.start.microseconds) + .seconds(60)
            )
        }
        learn(
            history.stretches.lazy.map { stretch in
                stretch.lazy.map { time, lead in
                    (.microseconds(time.microseconds), Lead.score(ofLead: lead, temperature: temperature))
                }
            }
        )
    }
}
