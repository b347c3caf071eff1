/// A stream as the broker's clients are told of it.
package struct MQTTStream: Sendable, Equatable {
    package struct Label: Sendable, Equatable {
        /// What events call it.
        package var name: String
        /// The words the model is asked.
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
