package import Events

/// The difference between one level's decisions and those of the published model on the same windows.
package struct DriftTally: Sendable, Equatable {
    package private(set) var decisions = 0
    /// |Δlogit| of each label at each decision.
    package private(set) var logitDrift = Distribution()
    /// |Δscore| of each label at each decision.
    package private(set) var scoreDrift = Distribution()
    /// The published model's logits. Their spread is the unit of `inDeviations`.
    package private(set) var exactLogits = Distribution()
    /// The number of decisions with the same highest label.
    package private(set) var sameTop = 0
    /// The number of pairs of label and decision whose two scores lie on different sides of the label's threshold.
    package private(set) var crossed = 0

    package init() {}

    /// Adds a decision.
    ///
    /// - Parameters:
    ///   - exact: the published model's logits and scores, one per label.
    ///   - level: the level's logits and scores, one per label.
    ///   - thresholds: the scores that decide, one per label.
    package mutating func add(
        exact: (logits: [Float], scores: [Double]),
        level: (logits: [Float], scores: [Double]),
        thresholds: [Double]
    ) {
        decisions += 1
        for label in exact.logits.indices {
            exactLogits.add(Double(exact.logits[label]))
            logitDrift.add(Double(abs(level.logits[label] - exact.logits[label])))
            scoreDrift.add(abs(level.scores[label] - exact.scores[label]))
            let threshold = thresholds[label]
            if (level.scores[label] >= threshold) != (exact.scores[label] >= threshold) { crossed += 1 }
        }
        if Self.top(exact.logits) == Self.top(level.logits) { sameTop += 1 }
    }

    /// The share of decisions with the same highest label; nil without decisions.
    package var topAgreement: Double? { decisions > 0 ? Double(sameTop) / Double(decisions) : nil }
    /// The share of pairs of label and decision on different sides of the threshold; nil without decisions.
    package var crossedShare: Double? { scoreDrift.count > 0 ? Double(crossed) / Double(scoreDrift.count) : nil }

    /// A drift in units of the standard deviation of the published model's logits; nil if that is zero.
    package func inDeviations(_ drift: Double?) -> Double? {
        guard let drift, let deviation = exactLogits.standardDeviation, deviation > 0 else { return nil }
        return drift / deviation
    }

    private static func top(_ logits: [Float]) -> Int? { logits.indices.max { logits[$0] < logits[$1] } }
}
