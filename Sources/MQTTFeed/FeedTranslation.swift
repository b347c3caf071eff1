import EventFeed
import Text

/// Translates the messages of the feed into MQTT messages. Pure: no socket, no clock, no broker.
///
/// The snapshot gives the current states. Records up to it are in the past: of those only the events themselves and
/// each label's last event are published, because a state that is over must not come on again.
struct FeedTranslation {
    let topics: MQTTTopics
    let discovery: HomeAssistantDiscovery?
    /// Whether events have pictures.
    let hasPictures: Bool
    private(set) var streams: [MQTTStream]
    /// Records up to this one are in the past.
    private var snapshotSeq: UInt64 = 0
    /// The identifiers of the events that were open in the snapshot.
    private var openInSnapshot: Set<String> = []
    /// The retained states that the broker has, by topic: each is published once.
    private var published: [String: String] = [:]
    /// Every topic that the broker keeps a message of.
    private(set) var retainedTopics: Set<String> = []
    /// The payload of each label's last event, by its topic. It outlives a connection.
    private(set) var lastEvents: [String: String]

    init(
        topics: MQTTTopics,
        discovery: HomeAssistantDiscovery?,
        streams: [MQTTStream],
        hasPictures: Bool = false,
        lastEvents: [String: String] = [:]
    ) {
        self.hasPictures = hasPictures
        self.lastEvents = lastEvents
        self.topics = topics
        self.discovery = discovery
        self.streams = streams
        retainedTopics = currentTopics
    }

    /// The first messages of a connection, after the announcements. Nothing is known of what the broker still keeps.
    mutating func begin() -> [MQTTMessage] {
        published = [:]
        return [.retained(topics.status, "online")]
    }

    /// What Home Assistant receives when a connection begins and when it starts.
    var announcements: [MQTTMessage] { streams.flatMap { discovery?.announcements(of: $0) ?? [] } }

    /// Takes the streams of another configuration. A snapshot must follow, because earlier records of new streams were
    /// skipped.
    ///
    /// - Returns: the topics that the broker must forget.
    mutating func replace(streams new: [MQTTStream]) -> [String] {
        let before = retainedTopics
        streams = new
        let kept = currentTopics
        retainedTopics = kept
        published = published.filter { kept.contains($0.key) }
        lastEvents = lastEvents.filter { kept.contains($0.key) }
        return before.subtracting(kept).sorted()
    }

    /// Notes a past event whose attributes the broker once got.
    mutating func note(past event: FeedMessage.Event) { _ = attributes(event) }

    /// The state of the feed at the join.
    mutating func snapshot(_ snapshot: FeedMessage.Snapshot) -> [MQTTMessage] {
        snapshotSeq = snapshot.seq ?? snapshotSeq
        openInSnapshot = Set(snapshot.open.compactMap(\.id))
        var messages = snapshot.streams.flatMap { health($0) }
        for event in snapshot.open { _ = attributes(event) }
        let kept = retainedTopics
        messages += lastEvents.filter { kept.contains($0.key) }.sorted { $0.key < $1.key }.map { .retained($0, $1) }
        for stream in streams {
            for label in stream.labels {
                let isOpen = snapshot.open.contains { $0.label == label.name && $0.stream == stream.name }
                messages += change(topics.state(of: label.name, in: stream.name), isOpen ? "ON" : "OFF")
            }
        }
        return messages
    }

    /// A record. `line` is the text that it was read from, which is published as it is.
    mutating func record(_ message: FeedMessage, _ line: String) -> [MQTTMessage] {
        let isPast = (message.seq ?? 0) <= snapshotSeq || message.isLate
        switch message {
        case .stream(let record): return isPast ? [] : health(record)
        case .event(let record): return event(record, line, isPast: isPast)
        default: return []
        }
    }

    /// The topic of the picture of an event that has started; nil for other records and if it has none.
    func pictureTopic(of event: FeedMessage.Event) -> String? {
        guard hasPictures, event.state == "started", event.value["picture"]?.string != nil, let stream = event.stream,
            let label = event.label, isConfigured(label, in: stream)
        else { return nil }
        return topics.picture(of: label, in: stream)
    }

    // MARK: - Parts

    private mutating func event(_ event: FeedMessage.Event, _ line: String, isPast: Bool) -> [MQTTMessage] {
        guard let stream = event.stream else { return [] }
        var messages: [MQTTMessage] = [.momentary(topics.event(of: stream), line)]
        guard let label = event.label else { return messages }
        // The snapshot had the newest record of an open event.
        let isKnown = isPast && event.id.map(openInSnapshot.contains) == true
        if !isKnown { messages += attributes(event) }
        if !isPast, isConfigured(label, in: stream) {
            messages += change(topics.state(of: label, in: stream), event.isOpen ? "ON" : "OFF")
        }
        return messages
    }

    private mutating func health(_ health: FeedMessage.Health) -> [MQTTMessage] {
        guard let stream = health.stream, streams.contains(where: { $0.name == stream }) else { return [] }
        var payload = JSONLine()
        for key in ["state", "reason", "since"] { payload.add(key, health.value[key]) }
        return change(topics.health(of: stream), payload.text)
    }

    /// The label's last event, without the members that its topic already says.
    private mutating func attributes(_ event: FeedMessage.Event) -> [MQTTMessage] {
        guard let stream = event.stream, let label = event.label, isConfigured(label, in: stream) else { return [] }
        var payload = JSONLine()
        for key in [
            "id", "text", "score", "top_score", "threshold", "start_time", "end_time", "duration", "end_reason",
            "confirmed", "time",
        ] {
            payload.add(key, event.value[key])
        }
        if let part = event.value["part"] { payload.add("part", part) }
        let topic = topics.attributes(of: label, in: stream)
        lastEvents[topic] = payload.text
        return [.retained(topic, payload.text)]
    }

    /// Publishes a retained payload if the broker does not have it yet.
    private mutating func change(_ topic: String, _ payload: String) -> [MQTTMessage] {
        guard published.updateValue(payload, forKey: topic) != payload else { return [] }
        return [.retained(topic, payload)]
    }

    private var currentTopics: Set<String> {
        topics.retained(of: streams, hasPictures: hasPictures).union(announcements.map(\.topic)).union([topics.status])
    }

    private func isConfigured(_ label: String, in stream: String) -> Bool {
        streams.contains { $0.name == stream && $0.labels.contains { $0.name == label } }
    }
}
