/// The operator's settings for the broker and for what is published.
package struct MQTTSettings: Sendable, Equatable {
    /// `mqtt://host`, `mqtt://host:port` or `mqtts://…`; nil for no broker.
    package var url: String?
    package var username: String?
    package var password: String?
    /// A PEM file of the certificates to trust; nil for the system's.
    package var ca: String?
    /// The PEM files of this client's certificate and key; both or neither.
    package var clientCertificate: String?
    package var clientKey: String?
    /// Nil for one that is made from the feed's identifier.
    package var clientID: String?
    /// The prefix of all topics.
    package var topic = "watchword"
    /// The prefix of the topics of Home Assistant's discovery; nil for no discovery.
    package var discovery: String? = "homeassistant"
    /// The quality of service of published messages: 0, 1 or 2. At 0 the broker does not acknowledge messages, and
    /// those that are under way when a connection breaks are lost.
    package var qos = 1

    package init() {}

    /// The broker's address; nil if there is no URL or it cannot be read.
    package var address: MQTTAddress? { url.flatMap(MQTTAddress.init) }
}

/// Printing the settings does not show the password.
extension MQTTSettings: CustomStringConvertible, CustomReflectable {
    package var description: String { "MQTT at \(address?.description ?? "no broker"), topic \(topic)" }
    package var customMirror: Mirror { Mirror(self, children: ["url": url ?? "none", "topic": topic]) }
}
