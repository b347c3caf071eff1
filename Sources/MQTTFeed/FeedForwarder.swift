import EventFeed
import Synchronization
import System

/// The work of the MQTT thread: connects to the broker, again and again, and runs a `BrokerSession` for each
/// connection.
struct FeedForwarder {
    private let feed: MQTTFeed
    private let mark: ServedMark
    private var position: FeedPosition
    private var backoff = Backoff(initial: .seconds(1), cap: .seconds(30))
    /// The trouble that was reported last.
    private var complaint: String?
    private var version = BrokerConnection.Version.v5
    /// The labels' last events; nil before the first connection.
    private var lastEvents: [String: String]?
    private var presence = HomeAssistantPresence()
    private var hasSwept = false

    /// After a connection that lasted this long, or that delivered a record, the next wait is short again.
    private static let goodConnection = Duration.seconds(10)

    init(feed: MQTTFeed) {
        self.feed = feed
        mark = ServedMark(feed.source.mark)
        position = FeedPosition(feedID: feed.source.records.feedID, found: mark.found, first: feed.source.seqFirst)
        save(durably: true)
    }

    mutating func run() {
        while !feed.wakeUp.isStopRequested {
            let began = Instant.now
            do throws(MQTTFeedError) {
                var session = try BrokerSession(
                    feed: feed,
                    position: position,
                    version: version,
                    lastEvents: lastEvents,
                    presence: presence,
                    hasSwept: hasSwept
                )
                let failure = session.run { [self] position in save(position) }
                let hasDelivered = session.position != position
                position = session.position
                if hasDelivered { backoff.reset() }
                lastEvents = session.lastEvents
                presence = session.presence
                hasSwept = session.hasSwept
                // Some brokers that do not speak MQTT 5 say so; others close the connection.
                if failure?.mayConcernVersion == true, !session.wasAccepted { version = version == .v5 ? .v311 : .v5 }
                save(durably: true)
                if let failure { throw failure }
                return
            } catch {
                complain(error)
            }
            if .now - began > Self.goodConnection { backoff.reset() }
            feed.wakeUp.rest(for: backoff.next())
        }
    }

    private mutating func complain(_ error: MQTTFeedError) {
        let wasConnected = feed.shared.withLock { shared in
            defer { shared.status.isConnected = false }
            shared.status.reason = error.description
            return shared.status.isConnected
        }
        if wasConnected || complaint != error.description { feed.report(.trouble(error.description)) }
        complaint = error.description
    }

    private func save(durably: Bool) { save(position, durably: durably) }

    /// Writes the mark. A failure only causes repetitions after a restart, so it is reported once.
    private func save(_ position: FeedPosition, durably: Bool = false) {
        var trouble: String?
        do throws(FeedError) {
            try mark.write(position, durably: durably)
        } catch {
            trouble = error.description
        }
        let isNews = feed.shared.withLock { [trouble] shared in
            shared.status.seqAcknowledged = position.seq
            defer { shared.markTrouble = trouble }
            let isOwn = shared.status.reason == nil || shared.status.reason == shared.markTrouble
            if isOwn { shared.status.reason = trouble }
            return trouble != shared.markTrouble
        }
        if isNews, let trouble { feed.report(.trouble(trouble)) }
    }
}
