import MQTTFeed
package import Settings
package import Text

/// Takes back what a daemon has announced to a broker: the work of `watchword mqtt clear`.
package struct BrokerCleaning {
    private var settings: MQTTSettings
    private let configuration: Configuration

    /// - Parameters:
    ///   - configuration: with the broker's section and the journal's path.
    ///   - url: the broker; nil for the configured one.
    ///   - topic: the prefix of its topics; nil for the configured one.
    ///   - discovery: the prefix of its discovery topics; nil for the configured one.
    /// - Throws: `OperationError` if there is no broker.
    package init(
        _ configuration: Configuration,
        url: String?,
        topic: String?,
        discovery: String?
    ) throws(OperationError) {
        self.configuration = configuration
        settings = configuration.mqtt ?? MQTTSettings()
        if let url { settings.url = url }
        if let topic { settings.topic = topic }
        if let discovery { settings.discovery = discovery }
        settings.qos = max(settings.qos, 1)
        guard settings.address != nil else {
            throw OperationError("there is no broker: give its address as --url mqtt://broker.local:1883")
        }
    }

    /// - Returns: a line for the operator.
    /// - Throws: `OperationError` if the broker cannot be reached or refuses.
    package func run() throws(OperationError) -> String {
        let clearing = BrokerClearing(settings, announcements: configuration.announcements)
        do throws(MQTTFeedError) {
            let topics = try clearing.run()
            let broker = settings.address?.description ?? ""
            let count = topics.count == 1 ? "1 topic" : "\(topics.count) topics"
            return "the broker \(broker) has forgotten \(count) of \(settings.topic)/"
        } catch {
            throw OperationError(error.description)
        }
    }
}
