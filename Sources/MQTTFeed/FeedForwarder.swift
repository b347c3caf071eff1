import EventFeed
import Glibc
import Synchronization
import System

/// The work of the MQTT thread: connects to the broker, again and again, and runs a `BrokerSession` for each
/// connection.
struct FeedForwarder {
    private let feed: MQTTFeed
    private let mark: DeliveryMark?
    private var position: FeedPosition
    private var backoff = Backoff(initial: .seconds(1), cap: .seconds(30))
    /// The trouble that was reported last.
    private var complaint: String?
    private var version = BrokerConnection.Version.v5
    /// The labels' last events; nil before the first connection.
    private var lastEvents: [String: String]?

    /// After a connection that lasted this long the next wait is short again.
    private static let goodConnection = Duration.seconds(10)

    init(feed: MQTTFeed) {
        self.feed = feed
        var mark: DeliveryMark?
        var trouble: MQTTFeedError?
        do throws(MQTTFeedError) {
            mark = try feed.source.mark.map { path throws(MQTTFeedError) in try DeliveryMark(path: path) }
        } catch {
            trouble = error
        }
        self.mark = mark
        position = FeedPosition(feedID: feed.source.feedID, found: mark?.found, first: feed.source.seqFirst)
        if let trouble { feed.report(.trouble(trouble.description)) }
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
                    lastEvents: lastEvents
                )
                let failure = session.run { [self] position in save(position) }
                position = session.position
                lastEvents = session.lastEvents
                // Some brokers that do not speak MQTT 5 say so; others close the connection.
                if failure?.mayConcernVersion == true, !session.wasAccepted { version = version == .v5 ? .v311 : .v5 }
                save(durably: true)
                if let failure { throw failure }
                return
            } catch {
                complain(error)
            }
            if .now - began > Self.goodConnection { backoff.reset() }
            wait(for: backoff.next())
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

    private func wait(for pause: Duration) {
        let deadline = Instant.now + pause
        while !feed.wakeUp.isStopRequested, .now < deadline {
            feed.wakeUp.clear()
            if !feed.wakeUp.isStopRequested { feed.wakeUp.wait(for: deadline - .now) }
        }
    }

    private func save(durably: Bool) { save(position, durably: durably) }

    /// Writes the mark. A failure only causes repetitions after a restart, so it is reported once.
    private func save(_ position: FeedPosition, durably: Bool = false) {
        do throws(MQTTFeedError) {
            try mark?.write(DeliveryMark.Content(feedID: position.feedID, seq: position.seq), durably: durably)
        } catch {
            let isNew = feed.shared.withLock { shared in
                defer { shared.status.reason = error.description }
                return shared.status.reason != error.description
            }
            if isNew { feed.report(.trouble(error.description)) }
        }
    }
}

/// The last delivered record, and its numbering.
struct FeedPosition: Equatable {
    var feedID: String
    var seq: UInt64

    init(feedID: String, seq: UInt64) {
        self.feedID = feedID
        self.seq = seq
    }

    /// Goes on at the mark. If the mark has another numbering, all records are new. Without a mark there was no broker
    /// so far, and only later records are published.
    ///
    /// - Parameters:
    ///   - feedID: the numbering of the feed.
    ///   - found: the mark; nil for none.
    ///   - first: the last record of earlier daemons.
    init(feedID: String, found: DeliveryMark.Content?, first: UInt64) {
        self.feedID = feedID
        seq = found.map { $0.feedID == feedID ? $0.seq : 0 } ?? first
    }
}
