/// What the operator says of the broker and of what it gets.
package struct MQTTSettings: Sendable, Equatable {
    /// `mqtt://host`, `mqtt://host:port` or `mqtts://…`; nil for no broker.
    package var url: String?
    package var username: String?
    package var password: String?
    /// A PEM file of the certificates to trust; nil for those of the system.
    package var ca: String?
    /// PEM files by which this client shows who it is; both or neither.
    package var clientCertificate: String?
    package var clientKey: String?
    /// Nil for one made of the feed's own name.
    package var clientID: String?
    /// What all topics begin with.
    package var topic = "watchword"
    /// What the topics of Home Assistant's discovery begin with; nil for no discovery.
    package var discovery: String? = "homeassistant"
    /// The quality of service of what is published: 0, 1 or 2. At 0 nobody says that a message has arrived, so that what
    /// was on its way when a connection broke is lost.
    package var qos = 1

    package init() {}

    /// Where the broker is; nil where the URL does not say.
    package var address: MQTTAddress? { url.flatMap(MQTTAddress.init) }
}

/// Whatever prints the settings does not get the password.
extension MQTTSettings: CustomStringConvertible, CustomReflectable {
    package var description: String { "MQTT at \(address?.description ?? "no broker"), topic \(topic)" }
    package var customMirror: Mirror { Mirror(self, children: ["url": url ?? "none", "topic": topic]) }
}
