/// How well each class's scores rank its videos before the others: average precision, and its mean over the classes.
///
/// A class's videos are ordered by falling score, and equal scores are taken together:
/// AP = Σₙ (Rₙ − Rₙ₋₁) · Pₙ, with Pₙ and Rₙ the precision and the recall at the n-th distinct score. This is what
/// scikit-learn's `average_precision_score` computes.
package struct AveragePrecision: Sendable {
    /// For each class, each video's score and whether it shows the class.
    private var scored: [[(score: Double, isPositive: Bool)]]

    package init(classes: Int) { scored = Array(repeating: [], count: classes) }

    /// - Parameters:
    ///   - labels: the classes that the video shows.
    ///   - scores: one for each class.
    package mutating func add(labels: [Int], scores: [Double]) {
        precondition(scores.count == scored.count, "a score for each class")
        for (label, score) in scores.enumerated() { scored[label].append((score, labels.contains(label))) }
    }

    package func positives(of label: Int) -> Int { scored[label].count(where: \.isPositive) }

    /// Nil if no video shows the class.
    package func value(of label: Int) -> Double? {
        let all = positives(of: label)
        guard all > 0 else { return nil }
        let ordered = scored[label].sorted { $0.score > $1.score }
        var (sum, found, seen) = (0.0, 0, 0)
        while seen < ordered.count {
            let score = ordered[seen].score
            var gained = 0
            repeat {
                if ordered[seen].isPositive { gained += 1 }
                seen += 1
            } while seen < ordered.count && ordered[seen].score == score
            found += gained
            sum += Double(gained) / Double(all) * Double(found) / Double(seen)
        }
        return sum
    }

    /// The mean over the classes that have videos; nil if none has.
    package var mean: Double? {
        let values = scored.indices.compactMap(value(of:))
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
