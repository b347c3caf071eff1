/// A stream as the broker's clients see it.
package struct MQTTStream: Sendable, Equatable {
    package struct Label: Sendable, Equatable {
        /// The name in events.
        package var name: String
        /// The text that the model scores.
        package var text: String

        package init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    package var name: String
    package var labels: [Label]

    package init(name: String, labels: [Label]) {
        self.name = name
        self.labels = labels
    }
}
