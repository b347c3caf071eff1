extension EventRules {
    /// The same rules at another threshold, with the release in the same ratio to it: the one rule for a threshold that is
    /// tried. A release without a ratio, below a threshold of 0, becomes the threshold.
    ///
    /// The page's `withThreshold` in `rules.js` is compared with `proposed(at:)`.
    package func moved(to threshold: Double) -> EventRules {
        guard threshold != self.threshold else { return self }
        var moved = self
        moved.release = self.threshold > 0 ? min(threshold, release * threshold / self.threshold) : threshold
        moved.threshold = threshold
        return moved
    }

    /// The moved rules as a person writes them into a configuration: the release in hundredths, not above the threshold.
    package func proposed(at threshold: Double) -> EventRules {
        guard threshold != self.threshold else { return self }
        var proposed = moved(to: threshold)
        proposed.release = min(threshold, (proposed.release * 100).rounded() / 100)
        return proposed
    }
}
