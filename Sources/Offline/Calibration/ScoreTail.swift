import Foundation

/// How fast the highest scores of footage thin out, to say what footage of that length does not show.
///
/// The highest of each stretch of time, as log-odds, exceed a high level by amounts that fall off exponentially (the
/// Gumbel domain of extreme value theory; the mean excess is Hill's estimate). So from the k highest of n stretches the
/// rate at which any higher level is exceeded follows. It is an extrapolation: it knows of no kind of picture that the
/// footage does not hold.
struct ScoreTail: Equatable, Sendable {
    /// Fewer stretches than this say nothing of their tail.
    static let leastStretches = 40
    /// Log-odds.
    let level: Double
    /// Mean excess over the level, in log-odds.
    let decay: Double
    /// How often an hour the level is exceeded.
    let perHour: Double

    /// `peaks`: the highest score of each stretch; nil where they are too few, or all the same.
    init?(peaks: [Double], hours: Double) {
        guard peaks.count >= Self.leastStretches, hours > 0 else { return nil }
        let ordered = peaks.map(Self.logOdds).sorted(by: >)
        let count = max(10, peaks.count / 20)
        let level = ordered[count]
        let decay = ordered[..<count].reduce(0) { $0 + $1 - level } / Double(count)
        guard decay > 0 else { return nil }
        (self.level, self.decay, perHour) = (level, decay, Double(count) / hours)
    }

    /// How often an hour a score above the level is exceeded; nil below the level, where the footage itself says it.
    func rate(above score: Double) -> Double? {
        let excess = Self.logOdds(score) - level
        return excess >= 0 ? perHour * exp(-excess / decay) : nil
    }

    /// The score that is exceeded so often an hour; nil where that is more often than the level is.
    func score(exceeded rate: Double) -> Double? {
        guard rate > 0, rate <= perHour else { return nil }
        return 1 / (1 + exp(-(level + decay * log(perHour / rate))))
    }

    static func logOdds(_ score: Double) -> Double {
        let inside = min(max(score, 1e-9), 1 - 1e-9)
        return log(inside / (1 - inside))
    }
}
