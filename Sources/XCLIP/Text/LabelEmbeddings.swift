/// Texts and their embeddings after the text projection, [K, E] row-major: computed once, small, free of any model.
package struct LabelEmbeddings: Sendable, Equatable {
    package let texts: [String]
    package let width: Int
    package let values: [Float]
    /// What some of the texts have learnt from examples, by their place among `texts`.
    package private(set) var taught: [Int: TaughtLabel] = [:]

    package var count: Int { texts.count }

    init(texts: [String], width: Int, values: [Float]) {
        precondition(values.count == texts.count * width, "an embedding for each text")
        self.texts = texts
        self.width = width
        self.values = values
    }

    /// The same texts, those of `labels` with what they have learnt.
    package func teaching(_ labels: [Int: TaughtLabel]) -> LabelEmbeddings {
        precondition(labels.allSatisfy { texts.indices.contains($0.key) && $0.value.direction.count == width })
        var embeddings = self
        embeddings.taught = labels
        return embeddings
    }
}
