/// How several texts make one logit. Each text has its video-specific prompts to itself.
package enum TextCombination: String, Sendable, CaseIterable {
    /// By the mean of the texts' unit embeddings, prompts added, at length 1 again.
    case mean
    /// By the text with the highest logit.
    case max
}

/// Neighbouring texts that share one logit.
package struct TextGroup: Sendable, Equatable {
    package var count: Int
    package var combination: TextCombination

    package init(count: Int, combination: TextCombination = .mean) {
        self.count = count
        self.combination = combination
    }
}
