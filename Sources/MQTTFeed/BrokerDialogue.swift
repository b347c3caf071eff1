import EventFeed
import System

/// Decides what to publish over one connection to the broker, and knows which records the broker has. Pure: no socket,
/// no clock, no broker.
struct BrokerDialogue {
    /// What the session must do, in order.
    enum Action: Equatable {
        case subscribe(String)
        case unsubscribe(String)
        /// Publish the messages. If they belong to a record, pass their numbers to `published`.
        case publish([MQTTMessage], record: UInt64?)
        /// Publish the announcements of entities before the sweep subscribes to them, and pass their numbers to
        /// `announced`.
        case announce([MQTTMessage])
        /// Publish messages that make the broker forget topics.
        case clear([String])
        /// Publish the picture of an event on a topic, once it is written.
        case picture(event: String, topic: String)
        /// Subscribe to the feed anew, after the record `seqLast`.
        case rejoinFeed
        /// Count and report records that are no longer kept.
        case lost(ClosedRange<UInt64>)
    }

    /// The most records that may be outstanding.
    static let mostOut = 50
    /// How long to look for retained messages of earlier runs.
    static let sweep = Duration.seconds(5)

    private let feedID: String
    private var ledger: DeliveryLedger
    private var translation: FeedTranslation
    /// Outlives a connection.
    private(set) var presence: HomeAssistantPresence
    /// The snapshot that precedes the records has come.
    private var hasSnapshot = false
    /// Whether a record is published.
    private let delivers: @Sendable (FeedMessage) -> Bool
    private var sweepEnds: Instant?
    /// Whether what earlier runs left at the broker has been looked for. Outlives a connection: once is enough, and a broker
    /// takes the look for a subscriber of what other daemons announce.
    private(set) var hasSwept: Bool

    init(
        position: FeedPosition,
        translation: FeedTranslation,
        presence: HomeAssistantPresence = HomeAssistantPresence(),
        hasSwept: Bool = false,
        delivers: @escaping @Sendable (FeedMessage) -> Bool = { _ in true }
    ) {
        self.delivers = delivers
        feedID = position.feedID
        ledger = DeliveryLedger(acknowledged: position.seq)
        self.translation = translation
        self.presence = presence
        self.hasSwept = hasSwept
    }

    /// The last record up to which the broker has everything.
    var position: FeedPosition { FeedPosition(feedID: feedID, seq: ledger.acknowledged) }

    /// The last record that was published.
    var seqLast: UInt64 { ledger.seqLast }

    /// Whether further messages of the feed may be taken: not while the broker has many to acknowledge, and only the
    /// snapshot while records wait for Home Assistant.
    var takesRecords: Bool { ledger.count < Self.mostOut && !(hasSnapshot && presence.isAwaited) }

    /// The last message of a connection that ends in good order.
    var farewell: MQTTMessage { .retained(translation.topics.status, "offline") }

    // MARK: - The broker's side

    /// The broker has accepted the connection.
    ///
    /// - Parameter announced: what earlier connections announced to this broker.
    mutating func accepted(at now: Instant, announced: [Announced]) -> [Action] {
        sweepEnds = hasSwept ? nil : now + Self.sweep
        presence.accepted(at: now)
        let birth = translation.discovery.map { [Action.subscribe($0.birthTopic)] } ?? []
        let gone = announced.reduce(into: Set<String>()) { $0.formUnion($1.retainedTopics) }
        let begin = translation.begin()
        // The sweep subscribes after the announcements: only others count as their subscribers.
        return birth + [.announce(translation.announcements), .publish(begin, record: nil)]
            + (hasSwept ? [] : sweepFilters.map { .subscribe($0) })
            + [.clear(gone.subtracting(translation.retainedTopics).sorted())]
    }

    /// Ends the search for messages of earlier runs once its time is over.
    mutating func tick(at now: Instant) -> [Action] {
        presence.tick(at: now)
        guard let end = sweepEnds else { return [] }
        // What is retained comes at once: a connection that breaks before the end has most probably shown it.
        hasSwept = hasSwept || now > end - Self.sweep / 2
        guard now > end else { return [] }
        sweepEnds = nil
        return sweepFilters.map { .unsubscribe($0) }
    }

    /// The broker has acknowledged a message.
    mutating func acknowledged(_ number: Int32, hasSubscriber: Bool) {
        ledger.acknowledge(number)
        presence.acknowledged(number, hasSubscriber: hasSubscriber)
    }

    /// The entities were announced by messages with these numbers.
    mutating func announced(as numbers: [Int32]) { presence.announced(as: numbers) }

    /// The broker has sent a message.
    mutating func received(topic: String, payload: String, isRetained: Bool) -> [Action] {
        if topic == translation.discovery?.birthTopic {
            // A retained message is of a Home Assistant that runs already and has the first announcements.
            guard payload == "online", !isRetained else { return [] }
            presence.found()
            return [.publish(translation.announcements, record: nil)]
        }
        guard isRetained, !payload.isEmpty, let discovery = translation.discovery else { return [] }
        let kept = translation.retainedTopics
        guard !kept.contains(topic) else { return [] }
        return [.clear(discovery.topics(ofConfiguration: topic, payload).filter { !kept.contains($0) })]
    }

    /// Each label's last event, which a broker that has lost its memory needs again.
    var lastEvents: [String: String] { translation.lastEvents }

    // MARK: - The feed's side

    /// Takes another configuration's streams. Their earlier records were skipped, so that a new snapshot is needed.
    mutating func replace(streams: [MQTTStream]) -> [Action] {
        let gone = translation.replace(streams: streams)
        hasSnapshot = false
        // Their subscriber may be the sweep, so that the broker's answers say nothing of Home Assistant.
        return [.clear(gone), .publish(translation.announcements, record: nil), .rejoinFeed]
    }

    /// Takes a message of the feed. `line` is the text that it was read from.
    mutating func take(_ message: FeedMessage, _ line: String) -> [Action] {
        switch message {
        case .snapshot(let snapshot):
            hasSnapshot = true
            return [.publish(translation.snapshot(snapshot), record: nil)]
        case .event, .stream:
            guard let seq = message.seq, seq > ledger.seqLast else { return [] }
            guard delivers(message) else { return [.publish([], record: seq)] }
            let publish = Action.publish(translation.record(message, line), record: seq)
            guard case .event(let event) = message, let id = event.id, let topic = translation.pictureTopic(of: event)
            else { return [publish] }
            return [publish, .picture(event: id, topic: topic)]
        case .gap(let lost):
            if lost.upperBound > ledger.seqLast { ledger.add(lost.upperBound, messages: []) }
            return [.lost(lost)]
        case .error(let refusal) where refusal.code == .sinceAhead:
            // The numbering went back although the feed's name is the same: all of it is new.
            ledger = DeliveryLedger(acknowledged: 0)
            hasSnapshot = false
            return [.rejoinFeed]
        case .hello, .owner, .scores, .journal, .status, .error, .unknown:
            return []
        }
    }

    /// The messages of a record were published with these numbers.
    mutating func published(_ seq: UInt64, as numbers: [Int32]) { ledger.add(seq, messages: numbers) }

    private var sweepFilters: [String] { translation.discovery?.filters ?? [] }
}
