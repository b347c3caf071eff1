import Foundation

/// How far a label's logit is above the level that it is measured against, in logits. A score from 0 to 1 is
/// 1 / (1 + e^(−lead / temperature)): near its ends it hides differences that the lead shows.
package enum Lead {
    /// Leads beyond this, on either side, are kept as this.
    package static let limit = 60.0

    /// The log-odds of a score. A score that has reached 0 or 1 in double precision gives the outermost finite values.
    package static func logOdds(ofScore score: Double) -> Double {
        guard score > 0 else { return score.isNaN ? .nan : -745 }
        guard score < 1 else { return 37 }
        return log(score) - log1p(-score)
    }

    package static func ofScore(_ score: Double, temperature: Double) -> Double {
        logOdds(ofScore: score) * temperature
    }

    package static func score(ofLead lead: Double, temperature: Double) -> Double { 1 / (1 + exp(-lead / temperature)) }
}
