import EventFeed
import Glibc
import Synchronization
import System

/// The thread's work: connects to the broker, again and again, and has a `BrokerSession` tell it what the feed tells.
struct FeedForwarder {
    private let feed: MQTTFeed
    private let mark: DeliveryMark?
    private var position: FeedPosition
    private var backoff = Backoff(initial: .seconds(1), cap: .seconds(30))
    /// What was last complained of.
    private var complaint: String?

    /// A connection that lasted this long was a good one: the next wait is short again.
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
            let began = ContinuousClock.now
            do throws(MQTTFeedError) {
                var session = try BrokerSession(feed: feed, position: position)
                let failure = session.run { [self] position in save(position) }
                position = session.position
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
        let deadline = ContinuousClock.now + pause
        while !feed.wakeUp.isStopRequested, .now < deadline {
            feed.wakeUp.clear()
            if !feed.wakeUp.isStopRequested { feed.wakeUp.wait(for: deadline - .now) }
        }
    }

    private func save(durably: Bool) { save(position, durably: durably) }

    /// A mark that cannot be written costs repetitions after a restart, no more: it is complained of once.
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

/// Up to where the broker has been told, and in which numbering.
struct FeedPosition: Equatable {
    var feedID: String
    var seq: UInt64

    /// Goes on where the mark says; where that is of another numbering, all of this one is new. Without a mark there was
    /// no broker so far, and it begins with what comes from now on.
    init(feedID: String, found: DeliveryMark.Content?, first: UInt64) {
        self.feedID = feedID
        seq = found.map { $0.feedID == feedID ? $0.seq : 0 } ?? first
    }
}
