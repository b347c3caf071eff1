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
    /// How long an event's picture may take to be written.
    private static let pictureTime = Duration.seconds(60)

    private let feed: MQTTFeed
    private let connection: BrokerConnection
    private let began = Instant.now
    private var dialogue: BrokerDialogue
    private var generation: Int
    private var reader: RecordReader
    /// The feed may have more messages than were read in one turn.
    private var hasMore = false

    /// What this connection announces, and what earlier ones announced that is not taken back yet.
    private var announced: Announced
    private var earlier: [Announced]
    /// The messages under way that take it back.
    private var clearing: Set<Int32> = []

    /// The pictures that are not written yet, with the time until which they are waited for.
    private var pictures: [(event: String, topic: String, until: Instant)] = []

    /// Begins to connect.
    ///
    /// - Parameters:
    ///   - feed: to publish.
    ///   - position: the last record that the broker has.
    ///   - version: of the protocol.
    ///   - lastEvents: of an earlier connection; nil for the daemon's first.
    ///   - presence: of an earlier connection.
    ///   - hasSwept: of an earlier connection.
    init(
        feed: MQTTFeed,
        position: FeedPosition,
        version: BrokerConnection.Version,
        lastEvents: [String: String]?,
        presence: HomeAssistantPresence,
        hasSwept: Bool
    ) throws(MQTTFeedError) {
        self.feed = feed
        reader = RecordReader(feed.source.records)
        let topics = MQTTTopics(prefix: feed.settings.topic)
        let discovery = feed.settings.discovery.map {
            HomeAssistantDiscovery(
                topics: topics,
                prefix: $0,
                qos: feed.settings.qos,
                version: feed.version,
                hasPictures: feed.source.picture != nil
            )
        }
        let streams: [MQTTStream]
        (streams, generation) = feed.shared.withLock { ($0.streams, $0.generation) }
        var translation = FeedTranslation(
            topics: topics,
            discovery: discovery,
            streams: streams,
            hasPictures: feed.source.picture != nil,
            lastEvents: lastEvents ?? [:]
        )
        if lastEvents == nil {
            feed.source.eachEvent(through: position, until: feed.wakeUp) { translation.note(past: $0) }
        }
        announced = Announced(
            broker: feed.broker,
            topic: feed.settings.topic,
            discovery: feed.settings.discovery,
            streams: streams,
            hasPictures: feed.source.picture != nil
        )
        earlier = feed.source.announcements.read()
        dialogue = BrokerDialogue(
            position: position,
            translation: translation,
            presence: presence,
            hasSwept: hasSwept,
            delivers: feed.source.records.delivers
        )
        connection = try BrokerConnection(
            feed.settings,
            version: version,
            clientID: feed.settings.clientID ?? "watchword-\(feed.source.records.feedID.prefix(8))",
            will: dialogue.farewell
        )
        try connection.connect()
    }

    /// Each label's last event, for the next connection.
    var lastEvents: [String: String] { dialogue.lastEvents }

    /// Whether Home Assistant was there, for the next connection.
    var presence: HomeAssistantPresence { dialogue.presence }

    /// Whether what earlier runs left at the broker has been looked for, for the next connection.
    var hasSwept: Bool { dialogue.hasSwept }

    /// Whether the broker accepted the connection.
    var wasAccepted: Bool { connection.isAccepted }

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
                let isBusy = stopBy != nil || !pictures.isEmpty
                wait(atMost: isBusy ? .milliseconds(50) : .seconds(1))
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
        try publishPictures()
        try perform(dialogue.tick(at: .now))
    }

    private func wait(atMost limit: Duration) {
        var entries = [pollfd(fd: feed.wakeUp.pollable, events: Int16(POLLIN), revents: 0)]
        let broker = connection.pollable
        if let broker { entries.append(broker) }
        if let pollable = reader.pollable, dialogue.takesRecords {
            entries.append(pollfd(fd: pollable, events: Int16(POLLIN), revents: 0))
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
            remember()
            try perform(dialogue.accepted(at: .now, announced: earlier.filter { $0.broker == announced.broker }))
            forgetCleared()
        case .refused:
            // `turn` throws it.
            break
        case .acknowledged(let number, let hasSubscriber):
            feed.shared.withLock { $0.status.delivered += 1 }
            settle(number, hasSubscriber: hasSubscriber)
        case .rejected(let refusal):
            report(refusal)
            if let number = refusal.message { settle(number, hasSubscriber: false) }
        case .message(let topic, let payload, let isRetained):
            try perform(dialogue.received(topic: topic, payload: payload, isRetained: isRetained))
        }
    }

    /// The broker has answered a message: it counts as delivered even if it was refused, because the broker would refuse it
    /// again.
    private mutating func settle(_ number: Int32, hasSubscriber: Bool) {
        dialogue.acknowledged(number, hasSubscriber: hasSubscriber)
        if clearing.remove(number) != nil { forgetCleared() }
    }

    private func report(_ refusal: BrokerConnection.Refusal) {
        let object = refusal.message == nil ? "a subscription to \(refusal.topic)" : "messages on \(refusal.topic)"
        let error = MQTTFeedError.refused(object, reason: refusal.reason, by: feed.broker)
        let isNew = feed.shared.withLock { shared in
            if refusal.message != nil { shared.status.refused += 1 }
            shared.status.reason = error.description
            return shared.refusedTopics.insert(object).inserted
        }
        if isNew { feed.report(.trouble(error.description)) }
    }

    /// Keeps what this connection announces, together with what is not taken back yet.
    private func remember() {
        do throws(MQTTFeedError) {
            try feed.source.announcements.write(earlier.filter { $0 != announced } + [announced])
        } catch {
            feed.report(.trouble(error.description))
        }
    }

    /// Once the broker has forgotten what it was to forget, only what other brokers have is kept beside what is announced.
    private mutating func forgetCleared() {
        guard clearing.isEmpty else { return }
        let others = earlier.filter { $0.broker != announced.broker }
        guard others != earlier else { return }
        earlier = others
        remember()
    }

    private mutating func perform(_ actions: [BrokerDialogue.Action]) throws(MQTTFeedError) {
        for action in actions {
            switch action {
            case .subscribe(let filter): try connection.subscribe(filter)
            case .unsubscribe(let filter): try connection.unsubscribe(filter)
            case .publish(let messages, let seq):
                let numbers = try publish(messages)
                if let seq { dialogue.published(seq, as: numbers) }
            case .announce(let messages): dialogue.announced(as: try publish(messages))
            case .clear(let topics):
                for topic in topics { clearing.insert(try connection.publish(.forgotten(topic))) }
            case .picture(let event, let topic):
                // A newer event's picture takes the place of one that is not there yet.
                pictures.removeAll { $0.topic == topic }
                pictures.append((event, topic, .now + Self.pictureTime))
            case .rejoinFeed: reader.leave()
            case .lost(let lost):
                feed.shared.withLock { $0.status.lost &+= lost.length }
                feed.report(.lost(lost))
            }
        }
    }

    private func publish(_ messages: [MQTTMessage]) throws(MQTTFeedError) -> [Int32] {
        var numbers: [Int32] = []
        for message in messages { numbers.append(try connection.publish(message)) }
        return numbers
    }

    private mutating func sayFarewell() throws(MQTTFeedError) {
        let number = try connection.publish(dialogue.farewell)
        let deadline = Instant.now + Self.farewell / 2
        var isHeard = false
        while !isHeard, .now < deadline {
            isHeard = try connection.turn().contains { happening in
                if case .acknowledged(number, _) = happening { true } else { false }
            }
            if !isHeard { wait(atMost: .milliseconds(20)) }
        }
        connection.disconnect()
    }

    /// Publishes the pictures that have been written. They are no part of a record's delivery: a picture may never come.
    private mutating func publishPictures() throws(MQTTFeedError) {
        guard let picture = feed.source.picture else { return }
        var waiting: [(event: String, topic: String, until: Instant)] = []
        for entry in pictures {
            if let bytes = picture(entry.event) {
                _ = try connection.publish(entry.topic, bytes, isRetained: true)
            } else if .now < entry.until {
                waiting.append(entry)
            }
        }
        pictures = waiting
    }

    // MARK: - The feed's side

    /// Takes another configuration's streams.
    private mutating func takeStreams() throws(MQTTFeedError) {
        let (streams, current) = feed.shared.withLock { ($0.streams, $0.generation) }
        guard current != generation else { return }
        generation = current
        earlier.append(announced)
        announced.streams = streams
        remember()
        try perform(dialogue.replace(streams: streams))
        forgetCleared()
    }

    private mutating func readFeed() throws(MQTTFeedError) {
        hasMore = false
        // A limited number at a time, so that the connection to the broker is served too.
        for _ in 0..<BrokerDialogue.mostOut where dialogue.takesRecords {
            switch reader.next(after: dialogue.seqLast, within: .zero) {
            case .message(let message, let line): try perform(dialogue.take(message, line))
            case .nothing: return
            case .failed(let error):
                feed.report(.trouble("no events for MQTT: \(error)"))
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

extension MQTTFeed.Source {
    /// How many records are read for the last events of the labels.
    private static let searched: UInt64 = 5000
    /// How long to wait for a message before looking whether to stop.
    private static let look = Duration.seconds(1)

    /// Reads the newest events that the broker has, from before this daemon's start.
    ///
    /// - Parameter stop: ends the reading.
    fileprivate func eachEvent(
        through position: FeedPosition,
        until stop: WakeUp,
        _ body: (FeedMessage.Event) -> Void
    ) {
        guard position.feedID == records.feedID, position.seq > 0, let client = try? records.connect() else { return }
        let first = position.seq > Self.searched ? position.seq - Self.searched : 0
        guard (try? client.subscribe(Subscription(types: [.event, .stream], since: first))) != nil else { return }
        var hasBegun = false
        while !stop.isStopRequested {
            let reading = (try? client.next(within: Self.look)) ?? .ended
            if case .timedOut = reading { continue }
            guard case .message(let message, _) = reading else { return }
            if case .gap(let lost) = message, lost.upperBound >= position.seq { return }
            // Live records may come before the subscription is answered, by a snapshot.
            if case .snapshot = message { hasBegun = true }
            guard hasBegun, let seq = message.seq else { continue }
            if seq > position.seq { return }
            if case .event(let event) = message { body(event) }
            if seq == position.seq { return }
        }
    }
}
