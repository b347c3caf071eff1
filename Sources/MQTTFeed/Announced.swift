import Text

/// What a daemon has announced to a broker, so that it can be taken back: the broker keeps it until somebody does.
struct Announced: Equatable {
    /// The broker's address, as `host:port`.
    var broker: String
    /// The prefix of the topics.
    var topic: String
    /// The prefix of the discovery topics; nil if the entities were not announced.
    var discovery: String?
    var streams: [MQTTStream]
    /// Whether the labels had pictures.
    var hasPictures = false

    /// Every topic that the broker may keep a message of.
    var retainedTopics: Set<String> {
        let topics = MQTTTopics(prefix: topic)
        let entities = discovery.map {
            HomeAssistantDiscovery(topics: topics, prefix: $0, qos: 0, version: "", hasPictures: hasPictures)
        }
        let configurations = streams.flatMap { entities?.announcements(of: $0) ?? [] }.map(\.topic)
        return topics.retained(of: streams, hasPictures: hasPictures).union(configurations).union([topics.status])
    }
}

extension Announced {
    init?(_ value: JSONValue) {
        guard let broker = value["broker"]?.string, let topic = value["topic"]?.string,
            let streams = value["streams"]?.array
        else { return nil }
        self.broker = broker
        self.topic = topic
        discovery = value["discovery"]?.string
        hasPictures = value["pictures"] == .bool(true)
        self.streams = streams.compactMap { stream in
            guard let name = stream["name"]?.string else { return nil }
            let labels = stream["labels"]?.array?.compactMap(\.string) ?? []
            return MQTTStream(name: name, labels: labels.map { .init(name: $0, text: "") })
        }
    }

    var line: JSONLine {
        var line = JSONLine()
        line.add("broker", broker)
        line.add("topic", topic)
        line.add("discovery", discovery)
        line.add("pictures", hasPictures)
        let entries = streams.map { stream in
            var entry = JSONLine()
            entry.add("name", stream.name)
            entry.add("labels", stream.labels.map(\.name))
            return entry
        }
        line.add("streams", entries)
        return line
    }
}
