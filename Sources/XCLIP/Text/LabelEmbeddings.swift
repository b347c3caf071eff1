/// Texts and their embeddings after the text projection, [K, E] row-major: computed once, small, free of any model.
public struct LabelEmbeddings: Sendable, Equatable {
    public let texts: [String]
    public let width: Int
    public let values: [Float]
    /// What some of the texts have learnt from examples, by their place among `texts`.
    public private(set) var taught: [Int: TaughtLabel] = [:]

    public var count: Int { texts.count }

    init(texts: [String], width: Int, values: [Float]) {
        precondition(values.count == texts.count * width, "an embedding for each text")
        self.texts = texts
        self.width = width
        self.values = values
    }

    /// The same texts, those of `labels` with what they have learnt.
    public func teaching(_ labels: [Int: TaughtLabel]) -> LabelEmbeddings {
        precondition(labels.allSatisfy { texts.indices.contains($0.key) && $0.value.direction.count == width })
        var embeddings = self
        embeddings.taught = labels
        return embeddings
    }
}
