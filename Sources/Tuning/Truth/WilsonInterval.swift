/// The interval that a count of successes leaves open for their share: Wilson's, of 1927.
package struct WilsonInterval: Equatable, Sendable {
    package let low: Double
    package let high: Double

    /// The 97.5 % quantile of the normal distribution.
    private static let z = 1.959963984540054

    /// Nil without trials.
    package init?(_ successes: Int, of trials: Int) {
        guard trials > 0 else { return nil }
        let (n, p, z) = (Double(trials), Double(successes) / Double(trials), Self.z)
        let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        // At the ends the formula gives 0 and 1 but for rounding.
        low = successes == 0 ? 0 : max(0, middle - half)
        high = successes == trials ? 1 : min(1, middle + half)
    }

    private init(low: Double, high: Double) { (self.low, self.high) = (low, high) }

    /// The interval of an F1, with 95 % confidence. F1 = 2J / (1 + J), where J is the share of the matched among all events that
    /// were emitted or true, each pair counted once: a share of independent outcomes, whose interval is Wilson's.
    package static func ofF1(matched: Int, emitted: Int, truths: Int) -> WilsonInterval? {
        guard let share = WilsonInterval(matched, of: emitted + truths - matched) else { return nil }
        return WilsonInterval(low: 2 * share.low / (1 + share.low), high: 2 * share.high / (1 + share.high))
    }
}
