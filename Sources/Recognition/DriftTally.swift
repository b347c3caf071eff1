package import Events

/// How far one level's decisions stand from those of the published model on the same windows.
package struct DriftTally: Sendable, Equatable {
    package private(set) var decisions = 0
    /// |Δlogit| and |Δscore| of each label at each decision.
    package private(set) var logitDrift = Distribution()
    package private(set) var scoreDrift = Distribution()
    /// The published model's logits, whose spread is what drift is measured by.
    package private(set) var exactLogits = Distribution()
    /// Decisions whose highest label is the same.
    package private(set) var sameTop = 0
    /// Labels at a decision whose two scores stand on different sides of the threshold.
    package private(set) var crossed = 0

    package init() {}

    /// Counts a decision; all four have one value for each label.
    package mutating func add(
        exact: (logits: [Float], scores: [Double]),
        level: (logits: [Float], scores: [Double]),
        threshold: Double
    ) {
        decisions += 1
        for label in exact.logits.indices {
            exactLogits.add(Double(exact.logits[label]))
            logitDrift.add(Double(abs(level.logits[label] - exact.logits[label])))
            scoreDrift.add(abs(level.scores[label] - exact.scores[label]))
            if (level.scores[label] >= threshold) != (exact.scores[label] >= threshold) { crossed += 1 }
        }
        if Self.top(exact.logits) == Self.top(level.logits) { sameTop += 1 }
    }

    /// nil where there was no decision; so are the others.
    package var topAgreement: Double? { decisions > 0 ? Double(sameTop) / Double(decisions) : nil }
    package var crossedShare: Double? { scoreDrift.count > 0 ? Double(crossed) / Double(scoreDrift.count) : nil }

    /// In units of the standard deviation of the published model's logits; nil where they are all alike.
    package func inDeviations(_ drift: Double?) -> Double? {
        guard let drift, let deviation = exactLogits.standardDeviation, deviation > 0 else { return nil }
        return drift / deviation
    }

    private static func top(_ logits: [Float]) -> Int? { logits.indices.max { logits[$0] < logits[$1] } }
}
