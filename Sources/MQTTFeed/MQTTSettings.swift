/// What the operator says of the broker and of what it gets.
public struct MQTTSettings: Sendable, Equatable {
    /// `mqtt://host`, `mqtt://host:port` or `mqtts://…`; nil for no broker.
    public var url: String?
    public var username: String?
    public var password: String?
    /// A PEM file of the certificates to trust; nil for those of the system.
    public var ca: String?
    /// PEM files by which this client shows who it is; both or neither.
    public var clientCertificate: String?
    public var clientKey: String?
    /// Nil for one made of the feed's own name.
    public var clientID: String?
    /// What all topics begin with.
    public var topic = "watchword"
    /// What the topics of Home Assistant's discovery begin with; nil for no discovery.
    public var discovery: String? = "homeassistant"
    /// The quality of service of what is published: 0, 1 or 2. At 0 nobody says that a message has arrived, so that what
    /// was on its way when a connection broke is lost.
    public var qos = 1

    public init() {}

    /// Where the broker is; nil where the URL does not say.
    public var address: MQTTAddress? { url.flatMap(MQTTAddress.init) }
}

/// Whatever prints the settings does not get the password.
extension MQTTSettings: CustomStringConvertible, CustomReflectable {
    public var description: String { "MQTT at \(address?.description ?? "no broker"), topic \(topic)" }
    public var customMirror: Mirror { Mirror(self, children: ["url": url ?? "none", "topic": topic]) }
}
