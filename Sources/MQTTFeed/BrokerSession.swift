import EventFeed
import Glibc
import Synchronization
import System

/// One connection to the broker, and what is published over it.
///
/// Records are read from the feed only as fast as the broker acknowledges them. The others wait in the feed, and in the
/// end in its journal.
struct BrokerSession {
    /// How long the broker may take to accept the connection.
    private static let patience = Duration.seconds(10)
    /// How long a stop waits for the broker.
    private static let farewell = Duration.seconds(2)

    private let feed: MQTTFeed
    private let connection: BrokerConnection
    private let began = Instant.now
    private var dialogue: BrokerDialogue
    private var generation: Int
    private var client: FeedClient?
    private var clientIsDue = Instant.now
    /// The feed may have more messages than were read in one turn.
    private var hasMore = false

    /// Begins to connect.
    init(feed: MQTTFeed, position: FeedPosition) throws(MQTTFeedError) {
        self.feed = feed
        let topics = MQTTTopics(prefix: feed.settings.topic)
        let discovery = feed.settings.discovery.map {
            HomeAssistantDiscovery(topics: topics, prefix: $0, qos: feed.settings.qos, version: feed.version)
        }
        let streams: [MQTTStream]
        (streams, generation) = feed.shared.withLock { ($0.streams, $0.generation) }
        let translation = FeedTranslation(topics: topics, discovery: discovery, streams: streams)
        dialogue = BrokerDialogue(position: position, translation: translation)
        connection = try BrokerConnection(
            feed.settings,
            clientID: feed.settings.clientID ?? "watchword-\(feed.source.feedID.prefix(8))",
            will: dialogue.farewell
        )
        try connection.connect()
    }

    /// The last record up to which the broker has everything.
    var position: FeedPosition { dialogue.position }

    /// Runs until a stop or until the connection fails.
    ///
    /// - Parameter save: called with each new position.
    /// - Returns: why the connection failed; nil for a stop.
    mutating func run(_ save: (FeedPosition) -> Void) -> MQTTFeedError? {
        do throws(MQTTFeedError) {
            var stopBy: Instant?
            var saved = position
            while true {
                wait(atMost: stopBy == nil ? .seconds(1) : .milliseconds(50))
                try turn()
                if position != saved {
                    saved = position
                    save(position)
                }
                guard feed.wakeUp.isStopRequested else { continue }
                guard connection.isAccepted else { return nil }
                let deadline = stopBy ?? .now + Self.farewell
                stopBy = deadline
                let wanted = feed.shared.withLock { $0.seqWanted } ?? 0
                if position.seq >= wanted || .now > deadline {
                    try sayFarewell()
                    return nil
                }
            }
        } catch {
            return error
        }
    }

    private mutating func turn() throws(MQTTFeedError) {
        for happening in try connection.turn() { try take(happening) }
        guard connection.isAccepted else {
            guard .now - began < Self.patience else {
                throw MQTTFeedError("the MQTT broker \(feed.broker) does not answer: is that its port?")
            }
            return
        }
        try takeStreams()
        try readFeed()
        try perform(dialogue.tick(at: .now))
    }

    private func wait(atMost limit: Duration) {
        var entries = [pollfd(fd: feed.wakeUp.pollable, events: Int16(POLLIN), revents: 0)]
        let broker = connection.pollable
        if let broker { entries.append(broker) }
        if let client, dialogue.takesRecords {
            entries.append(pollfd(fd: client.pollable, events: Int16(POLLIN), revents: 0))
        }
        let limit = hasMore ? .zero : limit
        _ = poll(&entries, nfds_t(entries.count), Int32(limit / .milliseconds(1)))
        if broker != nil { connection.take(entries[1]) }
        feed.wakeUp.clear()
    }

    // MARK: - The broker's side

    private mutating func take(_ happening: BrokerConnection.Happening) throws(MQTTFeedError) {
        switch happening {
        case .accepted:
            feed.shared.withLock { shared in
                shared.status.isConnected = true
                shared.status.reason = nil
                shared.status.connections += 1
            }
            feed.report(.connected(broker: feed.broker))
            try perform(dialogue.accepted(at: .now))
        case .refused:
            // `turn` throws it.
            break
        case .acknowledged(let number):
            dialogue.acknowledged(number)
            feed.shared.withLock { shared in
                shared.status.delivered += 1
                shared.status.seqAcknowledged = dialogue.position.seq
            }
        case .message(let topic, let payload, let isRetained):
            try perform(dialogue.received(topic: topic, payload: payload, isRetained: isRetained))
        }
    }

    private mutating func perform(_ actions: [BrokerDialogue.Action]) throws(MQTTFeedError) {
        for action in actions {
            switch action {
            case .subscribe(let filter): try connection.subscribe(filter)
            case .unsubscribe(let filter): try connection.unsubscribe(filter)
            case .publish(let messages, let seq):
                var numbers: [Int32] = []
                for message in messages { numbers.append(try connection.publish(message)) }
                if let seq { dialogue.published(seq, as: numbers) }
            case .rejoinFeed: client = nil
            case .report(let notice): feed.report(notice)
            }
        }
    }

    private mutating func sayFarewell() throws(MQTTFeedError) {
        let number = try connection.publish(dialogue.farewell)
        let deadline = Instant.now + Self.farewell / 2
        var isHeard = false
        while !isHeard, .now < deadline {
            isHeard = try connection.turn().contains(.acknowledged(number))
            if !isHeard { wait(atMost: .milliseconds(20)) }
        }
        connection.disconnect()
    }

    // MARK: - The feed's side

    /// Takes another configuration's streams.
    private mutating func takeStreams() throws(MQTTFeedError) {
        let (streams, current) = feed.shared.withLock { ($0.streams, $0.generation) }
        guard current != generation else { return }
        generation = current
        try perform(dialogue.replace(streams: streams))
    }

    private mutating func readFeed() throws(MQTTFeedError) {
        hasMore = false
        do throws(FeedError) {
            if client == nil, .now >= clientIsDue {
                let client = try feed.source.connect()
                try client.subscribe(Subscription(types: [.event, .stream], since: dialogue.seqLast))
                self.client = client
            }
        } catch {
            feed.report(.trouble("no events for MQTT: \(error)"))
            clientIsDue = .now + .seconds(1)
        }
        guard let client else { return }
        // A limited number at a time, so that the connection to the broker is served too.
        for _ in 0..<BrokerDialogue.mostOut where dialogue.takesRecords {
            // A connection that breaks has ended.
            switch (try? client.next(within: .zero)) ?? .ended {
            case .timedOut: return
            case .message(let message, let line): try perform(dialogue.take(message, line))
            case .ended:
                self.client = nil
                clientIsDue = .now + .seconds(1)
                return
            }
        }
        hasMore = dialogue.takesRecords
    }
}

extension MQTTFeed {
    /// The broker's address, for people.
    var broker: String { settings.address?.description ?? "none" }
}
