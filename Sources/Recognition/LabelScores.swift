import Foundation

/// Converts logits to scores. A score says how much more the window resembles the label than the texts it is compared
/// with. It is not a probability.
enum LabelScores {
    /// Computes the scores of one window.
    ///
    /// - Parameters:
    ///   - logits: the labels' logits, then the background's.
    ///   - labels: the number of labels.
    ///   - neutralSize: the number of texts in the model's own neutral list.
    ///   - scoring: whether labels are compared with the background or with one another.
    ///   - temperature: the logits are divided by it.
    ///   - scores: receives one score per label.
    static func compute(
        _ logits: UnsafeBufferPointer<Float>,
        labels: Int,
        neutralSize: Int,
        scoring: Scoring,
        temperature: Double,
        into scores: inout [Double]
    ) {
        precondition(labels > 0 && labels <= logits.count && scores.count == labels, "each label needs a score")
        switch scoring {
        case .independent:
            // score(y) = σ((logit(y) − background level) / temperature). Other labels have no influence.
            let background = backgroundLevel(logits[labels...], neutralSize: neutralSize)
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

    /// What a label's logit is measured against: log(Σ e^x / K), with x the logits of all neutral and background texts and
    /// K the size of the model's own neutral list; 0 without logits.
    ///
    /// For the model's own list this is the log of the mean of e^x, for which the model's thresholds were chosen. Every
    /// further text adds a positive term to the sum and K stays, so no text lowers the level, and none raises a score. A mean
    /// over all texts would fall with each text that does not apply.
    static func backgroundLevel(_ logits: Slice<UnsafeBufferPointer<Float>>, neutralSize: Int) -> Double {
        guard let top = logits.max() else { return 0 }
        let total = logits.reduce(0.0) { $0 + exp(Double($1) - Double(top)) }
        return Double(top) + log(total / Double(neutralSize))
    }
}
