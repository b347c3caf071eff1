package import MQTTFeed
package import WebhookFeed

/// Who gets the fleet's records, by its configuration.
package struct DeliveryPlan: Sendable, Equatable {
    package var mqtt: MQTTSettings?
    package var webhooks: [WebhookSettings]
    /// The fleet's cameras, as a broker's clients see them.
    package var streams: [MQTTStream]

    package init(mqtt: MQTTSettings? = nil, webhooks: [WebhookSettings] = [], streams: [MQTTStream] = []) {
        self.mqtt = mqtt
        self.webhooks = webhooks
        self.streams = streams
    }

    package var isEmpty: Bool { mqtt == nil && webhooks.isEmpty }

    /// The receivers' names, under which their marks are kept.
    var receivers: Set<String> {
        Set(webhooks.map { Self.receiver(webhook: $0.name) } + (mqtt == nil ? [] : [Self.broker]))
    }

    package static let broker = "mqtt"
    package static func receiver(webhook name: String) -> String { "webhook-\(name)" }
}
