/// Texts and their embeddings after the text projection, [K, E] row-major: computed once, small, free of any model.
public struct LabelEmbeddings: Sendable, Equatable {
    public let texts: [String]
    public let width: Int
    public let values: [Float]

    public var count: Int { texts.count }

    init(texts: [String], width: Int, values: [Float]) {
        precondition(values.count == texts.count * width, "an embedding for each text")
        self.texts = texts
        self.width = width
        self.values = values
    }
}
