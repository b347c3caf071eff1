import Events

extension EventRules {
    /// 0.05, 0.10, …, 0.95: what sweeps try.
    static let sweptThresholds = (1...19).map { Double($0) / 20 }

    /// The same rules at another threshold, the release in the same ratio to it.
    func moved(to threshold: Double) -> EventRules {
        var moved = self
        moved.release = self.threshold > 0 ? min(threshold, release * threshold / self.threshold) : threshold
        moved.threshold = threshold
        return moved
    }
}
