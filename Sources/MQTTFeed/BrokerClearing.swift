import Glibc
import System

/// Makes a broker forget what a daemon announced to it, for a daemon that no longer uses the broker or the prefix. Blocks.
package struct BrokerClearing {
    private static let patience = Duration.seconds(15)

    private let settings: MQTTSettings
    private let announcements: AnnouncementFile

    /// - Parameters:
    ///   - settings: of the broker, with the prefixes that were used there.
    ///   - announcements: what a daemon on this machine remembers.
    package init(_ settings: MQTTSettings, announcements: AnnouncementFile) {
        self.settings = settings
        self.announcements = announcements
    }

    /// Looks for retained messages of that daemon and clears them.
    ///
    /// - Returns: the topics that were cleared.
    /// - Throws: `MQTTFeedError` if the broker cannot be reached, does not answer or refuses.
    package func run() throws(MQTTFeedError) -> [String] {
        do throws(MQTTFeedError) {
            return try run(.v5)
        } catch {
            guard error.mayConcernVersion else { throw error }
            return try run(.v311)
        }
    }

    private func run(_ version: BrokerConnection.Version) throws(MQTTFeedError) -> [String] {
        let name = "watchword-clear-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        let connection = try BrokerConnection(settings, version: version, clientID: name, will: nil)
        try connection.connect()
        try turn(connection, "does not answer: is that its port?") { $0 == .accepted }

        let topics = MQTTTopics(prefix: settings.topic)
        let prefix = settings.discovery ?? MQTTSettings().discovery ?? ""
        let discovery = HomeAssistantDiscovery(topics: topics, prefix: prefix, qos: 1, version: "")
        // The broker answers in order: once the marker comes back, all that it keeps has come.
        let marker = "\(settings.topic)/\(name)"
        for filter in [topics.status] + discovery.filters + [marker] { try connection.subscribe(filter) }
        _ = try connection.publish(.momentary(marker, ""))
        var found: Set<String> = []
        try turn(connection, "does not send what it keeps") { happening in
            guard case .message(let topic, let payload, let isRetained) = happening else { return false }
            if isRetained, topic == topics.status { found.insert(topic) }
            if isRetained { found.formUnion(discovery.topics(ofConfiguration: topic, payload)) }
            return topic == marker
        }
        let remembered = announcements.read()
        let broker = settings.address?.description
        let (gone, kept) = (
            remembered.filter { $0.broker == broker && $0.topic == settings.topic },
            remembered.filter { $0.broker != broker || $0.topic != settings.topic }
        )
        for announced in gone { found.formUnion(announced.retainedTopics) }

        var open: Set<Int32> = []
        for topic in found.sorted() { open.insert(try connection.publish(.forgotten(topic))) }
        if settings.qos > 0, !open.isEmpty {
            try turn(connection, "does not acknowledge") { happening in
                if case .acknowledged(let number, _) = happening { open.remove(number) }
                return open.isEmpty
            }
        }
        connection.disconnect()
        if !gone.isEmpty { try announcements.write(kept) }
        return found.sorted()
    }

    /// Serves the connection until the broker has done what is waited for.
    private func turn(
        _ connection: BrokerConnection,
        _ complaint: String,
        until isDone: (BrokerConnection.Happening) -> Bool
    ) throws(MQTTFeedError) {
        let broker = settings.address?.description ?? ""
        let deadline = Instant.now + Self.patience
        while .now < deadline {
            if var entry = connection.pollable {
                _ = poll(&entry, 1, 100)
                connection.take(entry)
            }
            var hasFound = false
            for happening in try connection.turn() {
                if case .rejected(let refusal) = happening {
                    let object = refusal.message == nil ? "a subscription to" : "messages on"
                    throw .refused("\(object) \(refusal.topic)", reason: refusal.reason, by: broker)
                }
                hasFound = isDone(happening) || hasFound
            }
            if hasFound { return }
        }
        throw MQTTFeedError("the MQTT broker \(broker) \(complaint)")
    }
}
