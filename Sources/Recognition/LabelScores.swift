import Foundation

/// Converts logits to scores. A score says how much more the window resembles the label than the texts it is compared
/// with. It is not a probability.
enum LabelScores {
    /// Computes the scores of one window.
    ///
    /// - Parameters:
    ///   - logits: in the order of `layout`.
    ///   - layout: what each logit is of.
    ///   - neutralSize: the number of texts in the model's own neutral list.
    ///   - scoring: whether labels are compared with the background or with one another.
    ///   - temperature: the logits are divided by it.
    ///   - scores: receives one score per label.
    static func compute(
        _ logits: UnsafeBufferPointer<Float>,
        layout: LogitLayout,
        neutralSize: Int,
        scoring: Scoring,
        temperature: Double,
        into scores: inout [Double]
    ) {
        let labels = layout.labels
        precondition(
            labels > 0 && layout.background <= logits.count && scores.count == labels,
            "each label needs a score"
        )
        switch scoring {
        case .independent:
            // score(y) = σ((logit(y) − level(y)) / temperature). Other labels have no influence.
            let background = Background(logits, layout)
            for label in 0..<labels {
                let level = background.level(with: logits[layout.against(ofLabel: label)], neutralSize: neutralSize)
                scores[label] = 1 / (1 + exp((level - Double(logits[label])) / temperature))
            }
        case .exclusive:
            var top = -Double.infinity
            for label in 0..<labels { top = max(top, Double(logits[label])) }
            var total = 0.0
            for label in 0..<labels {
                scores[label] = exp((Double(logits[label]) - top) / temperature)
                total += scores[label]
            }
            // A label's own competitors share with it alone. What they take goes to no other label.
            for label in 0..<labels {
                let against = logits[layout.against(ofLabel: label)].reduce(0.0) {
                    $0 + exp((Double($1) - top) / temperature)
                }
                scores[label] /= total + against
            }
        }
    }

    /// The sum that labels are measured against: Σ e^x over the logits of the neutral and background texts.
    ///
    /// A label's level is log((Σ e^x + Σ e^a) / K), with a the logits of the texts against it and K the size of the model's
    /// own neutral list; 0 without logits. For the model's own list alone, this is the log of the mean of e^x, for which the
    /// model's thresholds were chosen. Every further text adds a positive term to the sum and K stays, so no text lowers a
    /// level, and none raises a score. A mean over all texts would fall with each text that does not apply.
    struct Background {
        /// The largest logit, or -∞.
        private let top: Double
        /// In units of e^top.
        private let total: Double

        init(_ logits: UnsafeBufferPointer<Float>, _ layout: LogitLayout) {
            let background = logits[layout.background...]
            let top = background.max().map { Double($0) } ?? -.infinity
            self.top = top
            total = background.reduce(0) { $0 + exp(Double($1) - top) }
        }

        /// - Parameter against: the logits of the texts that compete with one label alone.
        func level(with against: Slice<UnsafeBufferPointer<Float>>, neutralSize: Int) -> Double {
            guard let highest = against.max() else {
                return total == 0 ? 0 : top + log(total / Double(neutralSize))
            }
            let shared = max(top, Double(highest))
            let sum = against.reduce(total * exp(top - shared)) { $0 + exp(Double($1) - shared) }
            return shared + log(sum / Double(neutralSize))
        }
    }
}
