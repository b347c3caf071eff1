import Text

/// What the lines of the feed become on the broker. Pure: no socket, no clock, no broker.
///
/// The snapshot says how things stand; records up to it are the past, of which only the events themselves and each
/// label's last one are told: a state that is over must not come on again.
struct FeedTranslation {
    let topics: MQTTTopics
    let discovery: HomeAssistantDiscovery?
    private(set) var streams: [MQTTStream]
    /// Up to where records are the past.
    private var snapshotSeq: UInt64 = 0
    /// The events that the snapshot knew open, by their ids.
    private var openInSnapshot: Set<String> = []
    /// What the broker has of retained states, so that it is told once.
    private var told: [String: String] = [:]

    init(topics: MQTTTopics, discovery: HomeAssistantDiscovery?, streams: [MQTTStream]) {
        self.topics = topics
        self.discovery = discovery
        self.streams = streams
    }

    /// A connection to a broker begins, of which it is not known what it still has.
    mutating func begin() -> [MQTTMessage] {
        told = [:]
        return announcements + [.retained(topics.status, "online")]
    }

    /// What Home Assistant is told when it starts.
    var announcements: [MQTTMessage] { streams.flatMap { discovery?.announcements(of: $0) ?? [] } }

    /// Takes the streams of another configuration: what is gone is taken back, the rest is announced. A snapshot is to
    /// follow, for what came of new streams until now was passed over.
    mutating func replace(streams new: [MQTTStream]) -> [MQTTMessage] {
        let kept = topics.retained(of: new).union(configurationTopics(of: new))
        let gone = topics.retained(of: streams).union(configurationTopics(of: streams)).subtracting(kept)
        streams = new
        told = told.filter { kept.contains($0.key) }
        return gone.sorted().map { .forgotten($0) } + announcements
    }

    /// Whether a retained topic of ours belongs to nothing that is configured: an earlier run left it behind.
    func isOrphan(_ topic: String) -> Bool {
        !topics.retained(of: streams).contains(topic) && !configurationTopics(of: streams).contains(topic)
    }

    /// How things stand.
    mutating func snapshot(_ line: JSONValue) -> [MQTTMessage] {
        snapshotSeq = line.seq ?? snapshotSeq
        let open = line["open"]?.array ?? []
        openInSnapshot = Set(open.compactMap { $0["id"]?.string })
        var messages = (line["streams"]?.array ?? []).flatMap { health($0) }
        for event in open { messages += attributes(event) }
        for stream in streams {
            for label in stream.labels {
                let isOpen = open.contains { $0.isOf(label.name, in: stream.name) }
                messages += tell(topics.state(of: label.name, in: stream.name), isOpen ? "ON" : "OFF")
            }
        }
        return messages
    }

    /// A record: `line` read from `text`, which is what goes out.
    mutating func record(_ line: JSONValue, _ text: String) -> [MQTTMessage] {
        guard let stream = line["stream"]?.string else { return [] }
        let isPast = (line.seq ?? 0) <= snapshotSeq
        switch line["type"]?.string {
        case "stream":
            return isPast ? [] : health(line)
        case "event":
            var messages: [MQTTMessage] = [.momentary(topics.event(of: stream), text)]
            guard let label = line["label"]?.string else { return messages }
            // Of an open event the snapshot has told the newest.
            let isTold = isPast && line["id"]?.string.map(openInSnapshot.contains) == true
            if !isTold { messages += attributes(line) }
            if !isPast, isConfigured(label, in: stream) {
                let state = line["state"]?.string == "ended" ? "OFF" : "ON"
                messages += tell(topics.state(of: label, in: stream), state)
            }
            return messages
        default:
            return []
        }
    }

    // MARK: - Parts

    private mutating func health(_ line: JSONValue) -> [MQTTMessage] {
        guard let stream = line["stream"]?.string, streams.contains(where: { $0.name == stream }) else { return [] }
        var told = JSONLine()
        told.add("state", line["state"])
        told.add("reason", line["reason"])
        told.add("since", line["since"])
        return tell(topics.health(of: stream), told.text)
    }

    /// The label's last event, without what its topic says already.
    private func attributes(_ line: JSONValue) -> [MQTTMessage] {
        guard let stream = line["stream"]?.string, let label = line["label"]?.string, isConfigured(label, in: stream)
        else { return [] }
        var told = JSONLine()
        for key in [
            "id", "text", "score", "top_score", "threshold", "start_time", "end_time", "duration", "end_reason",
            "confirmed", "time",
        ] {
            told.add(key, line[key])
        }
        return [.retained(topics.attributes(of: label, in: stream), told.text)]
    }

    private mutating func tell(_ topic: String, _ payload: String) -> [MQTTMessage] {
        guard told.updateValue(payload, forKey: topic) != payload else { return [] }
        return [.retained(topic, payload)]
    }

    private func isConfigured(_ label: String, in stream: String) -> Bool {
        streams.contains { $0.name == stream && $0.labels.contains { $0.name == label } }
    }

    private func configurationTopics(of streams: [MQTTStream]) -> Set<String> {
        Set(streams.flatMap { discovery?.announcements(of: $0) ?? [] }.map(\.topic))
    }
}

extension JSONValue {
    /// The number of a record; nil for a line that has none.
    var seq: UInt64? { self["seq"]?.integer.flatMap { UInt64(exactly: $0) } }

    fileprivate func isOf(_ label: String, in stream: String) -> Bool {
        self["label"]?.string == label && self["stream"]?.string == stream
    }
}
