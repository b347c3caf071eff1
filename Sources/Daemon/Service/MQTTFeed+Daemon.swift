import EventFeed
import Logging
import MQTTFeed
import Settings
import Text

extension MQTTFeed {
    /// The feed to the configured broker; nil if none is configured. The mark of what the broker has is kept beside the
    /// journal.
    ///
    /// - Parameters:
    ///   - configuration: the daemon's.
    ///   - hub: gives the numbering of the records.
    ///   - server: serves the records.
    ///   - seq: the last record of earlier daemons.
    ///   - version: the daemon's, for Home Assistant.
    /// - Throws: `FeedError` if the process has no descriptors left.
    static func make(
        _ configuration: Configuration,
        hub: EventHub,
        server: FeedServer,
        after seq: UInt64,
        version: String
    ) throws -> MQTTFeed? {
        let logger = Logger(label: "mqtt")
        for line in configuration.announcements.leftovers(besides: configuration.mqtt?.address) {
            logger.warning("\(line)")
        }
        guard let settings = configuration.mqtt else { return nil }
        return try MQTTFeed(
            settings,
            source: Source(
                RecordSource(hub, server, isWithoutFleet: configuration.fleet != nil),
                startingAfter: seq,
                mark: configuration.events.journal.map { .file("\($0)-mqtt") },
                announcements: configuration.announcements,
                picture: configuration.events.pictureLookup
            ),
            streams: configuration.streams.map(\.published),
            version: version
        ) { notice in
            switch notice {
            case .connected(let broker): logger.notice("connected with the MQTT broker \(broker)")
            case .trouble(let text): logger.warning("\(text)")
            case .lost(let records): logger.warning("the MQTT broker misses \(records.asLost)")
            }
        }
    }
}

extension RecordSource {
    /// The daemon's own feed.
    ///
    /// - Parameter isWithoutFleet: whether the fleet delivers the records of its cameras itself.
    init(_ hub: EventHub, _ server: FeedServer, isWithoutFleet: Bool = false) {
        self.init(feedID: hub.feedID, isWithoutFleet: isWithoutFleet) { () throws(FeedError) in try server.connect() }
    }
}

extension Configuration {
    /// Keeps beside the journal what was announced to which broker.
    var announcements: AnnouncementFile {
        AnnouncementFile(path: events.journal.map { "\($0)-mqtt-announced" })
    }
}

extension StreamConfiguration {
    /// The stream as the clients of a broker see it.
    var published: MQTTStream {
        MQTTStream(name: name, labels: allLabels.map { MQTTStream.Label(name: $0.name, text: $0.text) })
    }
}
