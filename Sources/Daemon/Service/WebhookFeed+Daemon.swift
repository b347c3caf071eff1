import EventFeed
import Logging
import Settings
import Text
import WebhookFeed

extension WebhookFeed {
    /// The configured webhooks; others may be added later. Their marks are kept beside the journal.
    ///
    /// - Parameters:
    ///   - configuration: the daemon's.
    ///   - hub: gives the numbering of the records.
    ///   - server: serves the records.
    ///   - seq: the last record of earlier daemons.
    ///   - version: the daemon's.
    /// - Throws: `FeedError` if the process has no descriptors left.
    static func make(
        _ configuration: Configuration,
        hub: EventHub,
        server: FeedServer,
        after seq: UInt64,
        version: String
    ) throws -> WebhookFeed {
        let logger = Logger(label: "webhook")
        let source = Source(
            RecordSource(hub, server, isWithoutFleet: configuration.fleet != nil),
            journal: configuration.events.journal,
            version: version,
            picture: configuration.events.pictureLookup
        )
        return try WebhookFeed(configuration.webhooks, source: source, startingAfter: seq) { notice in
            switch notice {
            case .trouble(let name, let reason): logger.warning("\(name) \(reason)")
            case .works(let name): logger.notice("\(name) takes records again")
            case .lost(let name, let records): logger.warning("\(name) misses \(records.asLost)")
            }
        }
    }
}

extension EventSettings {
    /// Reads the picture of an event; nil if none are kept.
    var pictureLookup: (@Sendable (_ event: String) -> [UInt8]?)? {
        pictures.map { path in
            let directory = PictureDirectory(path: path)
            return { directory.bytes(of: $0, kind: "jpg") }
        }
    }
}
