/// What is published: a topic, its payload, and whether the broker keeps it for those who come later.
struct MQTTMessage: Sendable, Equatable {
    var topic: String
    /// UTF-8. Empty and retained: the broker forgets the topic.
    var payload: String
    var isRetained: Bool

    static func retained(_ topic: String, _ payload: String) -> MQTTMessage {
        MQTTMessage(topic: topic, payload: payload, isRetained: true)
    }

    static func momentary(_ topic: String, _ payload: String) -> MQTTMessage {
        MQTTMessage(topic: topic, payload: payload, isRetained: false)
    }

    /// Has the broker forget a topic.
    static func forgotten(_ topic: String) -> MQTTMessage { retained(topic, "") }
}
