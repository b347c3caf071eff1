import EventFeed
import Glibc
import Synchronization
import System

/// One connection to the broker, and what is published over it.
///
/// Records are read from the feed only as fast as the broker acknowledges them. The others wait in the feed, and in the
/// end in its journal.
struct BrokerSession {
    /// The most records that may be outstanding.
    private static let mostOut = 50
    /// How long the broker may take to accept the connection.
    private static let patience = Duration.seconds(10)
    /// How long to look for retained messages of earlier runs.
    private static let sweep = Duration.seconds(5)
    /// How long a stop waits for the broker.
    private static let farewell = Duration.seconds(2)

    private let feed: MQTTFeed
    private let connection: BrokerConnection
    private let began = Instant.now
    private(set) var position: FeedPosition
    private var ledger: DeliveryLedger
    private var translation: FeedTranslation
    private var generation: Int
    private var client: FeedClient?
    private var clientIsDue = Instant.now
    private var sweepEnds: Instant?
    /// The feed may have more messages than were read in one turn.
    private var hasMore = false

    /// Begins to connect.
    init(feed: MQTTFeed, position: FeedPosition) throws(MQTTFeedError) {
        self.feed = feed
        self.position = position
        ledger = DeliveryLedger(acknowledged: position.seq)
        let topics = MQTTTopics(prefix: feed.settings.topic)
        let discovery = feed.settings.discovery.map {
            HomeAssistantDiscovery(topics: topics, prefix: $0, qos: feed.settings.qos, version: feed.version)
        }
        let streams: [MQTTStream]
        (streams, generation) = feed.shared.withLock { ($0.streams, $0.generation) }
        translation = FeedTranslation(topics: topics, discovery: discovery, streams: streams)
        connection = try BrokerConnection(
            feed.settings,
            clientID: feed.settings.clientID ?? "watchword-\(feed.source.feedID.prefix(8))",
            will: .retained(topics.status, "offline")
        )
        try connection.connect()
    }

    /// Runs until a stop or until the connection fails.
    ///
    /// - Parameter save: called with each new position.
    /// - Returns: why the connection failed; nil for a stop.
    mutating func run(_ save: (FeedPosition) -> Void) -> MQTTFeedError? {
        do throws(MQTTFeedError) {
            var stopBy: Instant?
            while true {
                wait(atMost: stopBy == nil ? .seconds(1) : .milliseconds(50))
                try turn()
                if position.seq != ledger.acknowledged {
                    position.seq = ledger.acknowledged
                    save(position)
                }
                guard feed.wakeUp.isStopRequested else { continue }
                guard connection.isAccepted else { return nil }
                let deadline = stopBy ?? .now + Self.farewell
                stopBy = deadline
                let wanted = feed.shared.withLock { $0.seqWanted } ?? 0
                if ledger.acknowledged >= wanted || .now > deadline {
                    try sayFarewell()
                    return nil
                }
            }
        } catch {
            position.seq = ledger.acknowledged
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
        if let end = sweepEnds, .now > end {
            sweepEnds = nil
            for filter in sweepFilters { try connection.unsubscribe(filter) }
        }
    }

    private func wait(atMost limit: Duration) {
        var entries = [pollfd(fd: feed.wakeUp.pollable, events: Int16(POLLIN), revents: 0)]
        let broker = connection.pollable
        if let broker { entries.append(broker) }
        if let client, ledger.count < Self.mostOut {
            entries.append(pollfd(fd: client.pollable, events: Int16(POLLIN), revents: 0))
        }
        let limit = hasMore ? .zero : limit
        _ = poll(&entries, nfds_t(entries.count), Int32(limit / .milliseconds(1)))
        if broker != nil { connection.take(entries[1]) }
        feed.wakeUp.clear()
    }

    // MARK: - The broker's side

    private var sweepFilters: [String] {
        translation.topics.retainedFilters + (translation.discovery.map { [$0.filter] } ?? [])
    }

    private mutating func take(_ happening: BrokerConnection.Happening) throws(MQTTFeedError) {
        switch happening {
        case .accepted:
            feed.shared.withLock { shared in
                shared.status.isConnected = true
                shared.status.reason = nil
                shared.status.connections += 1
            }
            feed.report(.connected(broker: feed.broker))
            if let discovery = translation.discovery { try connection.subscribe(discovery.birthTopic) }
            for filter in sweepFilters { try connection.subscribe(filter) }
            sweepEnds = .now + Self.sweep
            try publish(translation.begin())
        case .refused:
            // `turn` throws it.
            break
        case .acknowledged(let number):
            ledger.acknowledge(number)
            feed.shared.withLock { shared in
                shared.status.delivered += 1
                shared.status.seqAcknowledged = ledger.acknowledged
            }
        case .message(let topic, let payload, let isRetained):
            if topic == translation.discovery?.birthTopic {
                // A retained message is of a Home Assistant that runs already and has the first announcements.
                if payload == "online", !isRetained { try publish(translation.announcements) }
            } else if isRetained, !payload.isEmpty, translation.isOrphan(topic) {
                try publish([.forgotten(topic)])
            }
        }
    }

    @discardableResult
    private func publish(_ messages: [MQTTMessage]) throws(MQTTFeedError) -> [Int32] {
        var numbers: [Int32] = []
        for message in messages { numbers.append(try connection.publish(message)) }
        return numbers
    }

    private mutating func sayFarewell() throws(MQTTFeedError) {
        let number = try connection.publish(.retained(translation.topics.status, "offline"))
        let deadline = Instant.now + Self.farewell / 2
        var isHeard = false
        while !isHeard, .now < deadline {
            isHeard = try connection.turn().contains(.acknowledged(number))
            if !isHeard { wait(atMost: .milliseconds(20)) }
        }
        connection.disconnect()
    }

    // MARK: - The feed's side

    /// Takes another configuration's streams. Their earlier records were skipped, so that a new snapshot is needed.
    private mutating func takeStreams() throws(MQTTFeedError) {
        let (streams, current) = feed.shared.withLock { ($0.streams, $0.generation) }
        guard current != generation else { return }
        generation = current
        try publish(translation.replace(streams: streams))
        client = nil
    }

    private mutating func readFeed() throws(MQTTFeedError) {
        hasMore = false
        do throws(FeedError) {
            if client == nil, .now >= clientIsDue {
                let client = try feed.source.connect()
                try client.subscribe(Subscription(types: [.event, .stream], since: ledger.seqLast))
                self.client = client
            }
        } catch {
            feed.report(.trouble("no events for MQTT: \(error)"))
            clientIsDue = .now + .seconds(1)
        }
        guard let client else { return }
        // A limited number at a time, so that the connection to the broker is served too.
        for _ in 0..<Self.mostOut where ledger.count < Self.mostOut {
            // A connection that breaks has ended.
            switch (try? client.next(within: .zero)) ?? .ended {
            case .timedOut: return
            case .message(let message, let line): try take(message, line)
            case .ended:
                self.client = nil
                clientIsDue = .now + .seconds(1)
                return
            }
        }
        hasMore = ledger.count < Self.mostOut
    }

    private mutating func take(_ message: FeedMessage, _ line: String) throws(MQTTFeedError) {
        switch message {
        case .snapshot(let snapshot):
            try publish(translation.snapshot(snapshot))
        case .event, .stream:
            guard let seq = message.seq, seq > ledger.seqLast else { return }
            let numbers = try publish(translation.record(message, line))
            ledger.add(seq, messages: numbers)
        case .gap(let lost):
            feed.report(.lost(lost))
            if lost.upperBound > ledger.seqLast { ledger.add(lost.upperBound, messages: []) }
        case .error(let refusal) where refusal.code == .sinceAhead:
            // The numbering went back although the feed's name is the same: all of it is new.
            position.seq = 0
            ledger = DeliveryLedger(acknowledged: 0)
            client = nil
        case .hello, .scores, .journal, .status, .error, .unknown:
            break
        }
    }
}

extension MQTTFeed {
    /// The broker's address, for people.
    var broker: String { settings.address?.description ?? "none" }
}
