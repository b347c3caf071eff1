/// A message to publish: its topic, its payload, and whether the broker keeps it for later subscribers.
struct MQTTMessage: Sendable, Equatable {
    var topic: String
    /// UTF-8. If it is empty and retained, the broker forgets the topic.
    var payload: String
    var isRetained: Bool

    static func retained(_ topic: String, _ payload: String) -> MQTTMessage {
        MQTTMessage(topic: topic, payload: payload, isRetained: true)
    }

    static func momentary(_ topic: String, _ payload: String) -> MQTTMessage {
        MQTTMessage(topic: topic, payload: payload, isRetained: false)
    }

    /// A message that makes the broker forget a topic.
    static func forgotten(_ topic: String) -> MQTTMessage { retained(topic, "") }
}
