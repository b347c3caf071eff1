package import Text

/// What one label's leads were in one minute.
package struct MinuteSummary: Sendable, Equatable {
    /// When the minute began.
    package var start: UTCTime
    /// The time that its decisions stand for.
    package var covered: Duration
    /// The highest lead.
    package var peak: Double
    /// The highest lead that held for the label's `min_duration`, up to a moment of this minute.
    package var held: Double
    package var median: Double
    package var q80: Double
    package var q95: Double

    package init(
        start: UTCTime,
        covered: Duration,
        peak: Double,
        held: Double,
        median: Double,
        q80: Double,
        q95: Double
    ) {
        self.start = start
        self.covered = covered
        self.peak = peak
        self.held = held
        self.median = median
        self.q80 = q80
        self.q95 = q95
    }
}

extension Array<Double> {
    /// The quantile of sorted values, with linear interpolation as in NumPy's `quantile`. The array must not be empty.
    package func sortedQuantile(_ share: Double) -> Double {
        let position = Double(count - 1) * share
        let below = Int(position)
        let above = Swift.min(below + 1, count - 1)
        return self[below] + (self[above] - self[below]) * (position - Double(below))
    }
}
