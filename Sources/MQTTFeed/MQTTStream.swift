/// A stream as the broker's clients are told of it.
public struct MQTTStream: Sendable, Equatable {
    public struct Label: Sendable, Equatable {
        /// What events call it.
        public var name: String
        /// The words the model is asked.
        public var text: String

        public init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    public var name: String
    public var labels: [Label]

    public init(name: String, labels: [Label]) {
        self.name = name
        self.labels = labels
    }
}
