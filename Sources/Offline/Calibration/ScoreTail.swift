import Foundation

/// How fast the highest scores of footage become rarer, to estimate rates that footage of that length cannot show.
///
/// The highest of each stretch of time, as log-odds, exceed a high level by amounts that fall off exponentially (the
/// Gumbel domain of extreme value theory; the mean excess is Hill's estimate). So from the k highest of n stretches the
/// rate at which any higher level is exceeded follows. This extrapolates: it knows nothing of kinds of pictures that are
/// not in the footage.
struct ScoreTail: Equatable, Sendable {
    /// With fewer stretches than this the tail cannot be estimated.
    static let leastStretches = 40
    /// Log-odds.
    let level: Double
    /// Mean excess over the level, in log-odds.
    let decay: Double
    /// How often an hour the level is exceeded.
    let perHour: Double

    /// Nil if there are too few stretches, or all peaks are the same.
    ///
    /// - Parameter peaks: the highest score of each stretch.
    init?(peaks: [Double], hours: Double) {
        guard peaks.count >= Self.leastStretches, hours > 0 else { return nil }
        let ordered = peaks.map(Self.logOdds).sorted(by: >)
        let count = max(10, peaks.count / 20)
        let level = ordered[count]
        let decay = ordered[..<count].reduce(0) { $0 + $1 - level } / Double(count)
        guard decay > 0 else { return nil }
        (self.level, self.decay, perHour) = (level, decay, Double(count) / hours)
    }

    /// How often an hour a score above the level is exceeded; nil below the level, where the footage itself shows it.
    func rate(above score: Double) -> Double? {
        let excess = Self.logOdds(score) - level
        return excess >= 0 ? perHour * exp(-excess / decay) : nil
    }

    /// The score that is exceeded `rate` times an hour; nil if the level itself is exceeded less often.
    func score(exceeded rate: Double) -> Double? {
        guard rate > 0, rate <= perHour else { return nil }
        return 1 / (1 + exp(-(level + decay * log(perHour / rate))))
    }

    static func logOdds(_ score: Double) -> Double {
        let inside = min(max(score, 1e-9), 1 - 1e-9)
        return log(inside / (1 - inside))
    }
}
