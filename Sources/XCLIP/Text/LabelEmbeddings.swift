/// Texts and their embeddings after the text projection, [K, E] row-major. They are computed once and need no model
/// afterwards.
package struct LabelEmbeddings: Sendable, Equatable {
    package let texts: [String]
    /// E, the length of an embedding.
    package let width: Int
    /// [K, E] row-major.
    package let values: [Float]
    /// What example clips taught some of the labels, by the index of their logit.
    package private(set) var taught: [Int: TaughtLabel] = [:]

    package var count: Int { texts.count }

    /// - Parameters:
    ///   - width: E.
    ///   - values: [K, E] row-major.
    package init(texts: [String], width: Int, values: [Float]) {
        precondition(values.count == texts.count * width, "each text needs an embedding")
        self.texts = texts
        self.width = width
        self.values = values
    }

    /// The same texts, with the given labels taught.
    ///
    /// - Parameter labels: the taught labels, by the index of their logit.
    package func teaching(_ labels: [Int: TaughtLabel]) -> LabelEmbeddings {
        precondition(labels.allSatisfy { texts.indices.contains($0.key) && $0.value.direction.count == width })
        var embeddings = self
        embeddings.taught = labels
        return embeddings
    }
}
