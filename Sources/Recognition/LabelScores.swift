import Foundation

/// Converts logits to scores. A score says how much more the window resembles the label than the texts it is compared
/// with. It is not a probability.
enum LabelScores {
    /// Computes the scores of one window.
    ///
    /// - Parameters:
    ///   - logits: the labels' logits, then the background's.
    ///   - labels: the number of labels.
    ///   - scoring: whether labels are compared with the background or with one another.
    ///   - temperature: the logits are divided by it.
    ///   - scores: receives one score per label.
    static func compute(
        _ logits: UnsafeBufferPointer<Float>,
        labels: Int,
        scoring: Scoring,
        temperature: Double,
        into scores: inout [Double]
    ) {
        precondition(labels > 0 && labels <= logits.count && scores.count == labels, "each label needs a score")
        switch scoring {
        case .independent:
            // score(y) = σ((logit(y) − logmeanexp(background)) / temperature). Other labels have no influence.
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

    /// The log of the mean of e^x; 0 without values.
    static func logMeanExp(_ values: Slice<UnsafeBufferPointer<Float>>) -> Double {
        guard let top = values.max() else { return 0 }
        let total = values.reduce(0.0) { $0 + exp(Double($1 - top)) }
        return Double(top) + log(total / Double(values.count))
    }
}
