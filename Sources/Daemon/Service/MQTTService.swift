import EventFeed
import Logging
import MQTTFeed
import ServiceLifecycle
import Settings
import Text

/// The MQTT broker's part, for as long as the daemon runs. It stops after recognition, whose last records it tells, and
/// before the event socket, from which it has them.
struct MQTTService: Service {
    let feed: MQTTFeed
    let hub: EventHub

    func run() async throws {
        guard feed.start() else { throw OperationError("cannot start the MQTT thread: the system has no more") }
        try? await gracefulShutdown()
        await offCooperativePool {
            hub.flush()
            feed.stop(after: hub.seqLast)
        }
    }
}

extension MQTTFeed {
    /// The feed to the configured broker; nil where none is. How far the broker was told is kept beside the journal.
    ///
    /// - Parameter seq: the last record of earlier daemons.
    static func make(
        _ configuration: Configuration,
        hub: EventHub,
        after seq: UInt64,
        version: String
    ) throws -> MQTTFeed? {
        guard let settings = configuration.mqtt else { return nil }
        let logger = Logger(label: "mqtt")
        return try MQTTFeed(
            settings,
            source: Source(
                socket: configuration.events.socket,
                feedID: hub.feedID,
                startingAfter: seq,
                mark: configuration.events.journal.map { "\($0)-mqtt" }
            ),
            streams: configuration.streams.map(\.told),
            version: version
        ) { notice in
            switch notice {
            case .connected(let broker): logger.notice("connected with the MQTT broker \(broker)")
            case .trouble(let text): logger.warning("\(text)")
            case .lost(let records):
                logger.warning(
                    "the broker was never told records \(records.lowerBound) to \(records.upperBound), no longer kept"
                )
            }
        }
    }
}

extension StreamConfiguration {
    /// What a broker's clients are told of it.
    var told: MQTTStream {
        MQTTStream(name: name, labels: labels.map { MQTTStream.Label(name: $0.name, text: $0.text) })
    }
}
