import Foundation

/// Logits → scores. A score says how much more the window is like the label than like what it is measured against; it is
/// not a probability.
enum LabelScores {
    /// - logits: the labels' logits, then the background's.
    /// - scores: one for each label, written here.
    static func compute(
        _ logits: UnsafeBufferPointer<Float>,
        labels: Int,
        scoring: Scoring,
        temperature: Double,
        into scores: inout [Double]
    ) {
        precondition(labels > 0 && labels <= logits.count && scores.count == labels, "a score for each label")
        switch scoring {
        case .independent:
            // score(y) = σ((logit(y) − logmeanexp(background)) / temperature): no other label has a say in it.
            let background = logMeanExp(logits[labels...])
            for label in 0..<labels {
                scores[label] = 1 / (1 + exp((background - Double(logits[label])) / temperature))
            }
        case .exclusive:
            var top = -Double.infinity
            for label in 0..<labels { top = max(top, Double(logits[label])) }
            var total = 0.0
            for label in 0..<labels {
                scores[label] = exp((Double(logits[label]) - top) / temperature)
                total += scores[label]
            }
            for label in 0..<labels { scores[label] /= total }
        }
    }

    /// log of the mean of e^x; 0 for no values.
    static func logMeanExp(_ values: Slice<UnsafeBufferPointer<Float>>) -> Double {
        guard let top = values.max() else { return 0 }
        let total = values.reduce(0.0) { $0 + exp(Double($1 - top)) }
        return Double(top) + log(total / Double(values.count))
    }
}
