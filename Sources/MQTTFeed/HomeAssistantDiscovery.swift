import Text

/// The messages by which Home Assistant makes the entities: one device for each stream, with a binary sensor for each
/// label, the camera's health, an event entity and, if pictures are kept, an image for each label. The keys are those that
/// Home Assistant documents for `binary_sensor.mqtt`, `event.mqtt` and `image.mqtt`. Each entity has a message of its own, which versions before 2024.11 also
/// read.
struct HomeAssistantDiscovery: Sendable, Equatable {
    let topics: MQTTTopics
    /// The prefix of the topics that Home Assistant subscribes to.
    let prefix: String
    let qos: Int
    /// The daemon's version.
    let version: String
    /// Whether events have pictures.
    var hasPictures = false

    /// The topic on which Home Assistant announces its start, after which it needs the messages again.
    var birthTopic: String { "\(prefix)/status" }

    /// Filters for all configurations of this daemon that the broker keeps: under its name here, and under the one that
    /// earlier versions gave it, which another prefix may have as well.
    var filters: [String] { [node, formerNode].map { "\(prefix)/+/\($0)/+/config" }.uniqued }

    /// The retained topics of an entity of this daemon: its configuration's and those that it reads. Empty if another
    /// daemon announced it.
    func topics(ofConfiguration topic: String, _ payload: String) -> [String] {
        guard let value = try? JSONValue(parsing: payload),
            value["availability"]?.array?.first?["topic"]?.string == topics.status
        else { return [] }
        let read = ["state_topic", "json_attributes_topic", "image_topic"].compactMap { value[$0]?.string }
        // An event's topic is not retained. All others are below the prefix, or the message is not what it claims to be.
        return [topic] + read.filter { $0.hasPrefix(topics.prefix + "/") && !$0.hasSuffix("/event") }.uniqued
    }

    /// The retained configurations of a stream's entities.
    func announcements(of stream: MQTTStream) -> [MQTTMessage] {
        var messages = [connectivity(of: stream), problem(of: stream), event(of: stream)]
        messages += stream.labels.map { detection($0, in: stream) }
        if hasPictures { messages += stream.labels.map { picture($0, in: stream) } }
        return messages
    }

    // MARK: - Entities

    private func detection(_ label: MQTTStream.Label, in stream: MQTTStream) -> MQTTMessage {
        let id = "\(stream.name)_L_\(MQTTTopics.level(of: label.name))"
        return configuration("binary_sensor", id, stream, needsPictures: true) { line in
            line.add("name", label.name)
            line.add("state_topic", topics.state(of: label.name, in: stream.name))
            line.add("payload_on", "ON")
            line.add("payload_off", "OFF")
            line.add("json_attributes_topic", topics.attributes(of: label.name, in: stream.name))
        }
    }

    /// What decided the label's last event.
    private func picture(_ label: MQTTStream.Label, in stream: MQTTStream) -> MQTTMessage {
        configuration("image", "\(stream.name)_I_\(MQTTTopics.level(of: label.name))", stream) { line in
            line.add("name", "\(label.name) picture")
            line.add("image_topic", topics.picture(of: label.name, in: stream.name))
            line.add("content_type", "image/jpeg")
        }
    }

    private func connectivity(of stream: MQTTStream) -> MQTTMessage {
        configuration("binary_sensor", "\(stream.name)_H_connectivity", stream) { line in
            line.add("name", "Connection")
            line.add("device_class", "connectivity")
            line.add("entity_category", "diagnostic")
            line.add("state_topic", topics.health(of: stream.name))
            line.add("value_template", "{{ 'OFF' if value_json.state == 'offline' else 'ON' }}")
            line.add("payload_on", "ON")
            line.add("payload_off", "OFF")
            line.add("json_attributes_topic", topics.health(of: stream.name))
        }
    }

    private func problem(of stream: MQTTStream) -> MQTTMessage {
        configuration("binary_sensor", "\(stream.name)_H_problem", stream) { line in
            line.add("name", "Trouble")
            line.add("device_class", "problem")
            line.add("entity_category", "diagnostic")
            line.add("state_topic", topics.health(of: stream.name))
            line.add("value_template", "{{ 'OFF' if value_json.state == 'online' else 'ON' }}")
            line.add("payload_on", "ON")
            line.add("payload_off", "OFF")
            line.add("json_attributes_topic", topics.health(of: stream.name))
        }
    }

    /// `updated` makes no event here: it only says, once a second, that an event continues. Nor does a record that comes
    /// again after a broken connection: neither its number nor its time is later than the last one's. A new numbering
    /// begins with a later time, unless the machine has no clock of its own and is behind.
    private func event(of stream: MQTTStream) -> MQTTMessage {
        let attributes = [
            "id", "label", "text", "score", "top_score", "threshold", "start_time", "end_time", "duration",
            "end_reason", "confirmed", "seq", "time",
        ]
        let members = attributes.map { "'\($0)': value_json.\($0)" }.joined(separator: ", ")
        let template =
            "{% set last = this.attributes %}{% if value_json.state in ['started', 'ended'] and not "
            + "(value_json.seq <= last.seq | default(-1) and value_json.time <= last.time | default('')) %}"
            + "{{ {'event_type': value_json.state, \(members)} | to_json }}{% endif %}"
        return configuration("event", "\(stream.name)_E_event", stream) { line in
            line.add("name", "Event")
            line.add("event_types", ["started", "ended"])
            line.add("state_topic", topics.event(of: stream.name))
            line.add("value_template", template)
        }
    }

    // MARK: - Shared parts

    /// The configuration of one entity. The capital letter after the stream's name in `id` keeps identifiers distinct:
    /// stream names have no capitals.
    ///
    /// - Parameters:
    ///   - component: the kind of entity.
    ///   - id: of the entity, without the node.
    ///   - stream: whose device it belongs to.
    ///   - needsPictures: whether the entity is unavailable while the camera is offline.
    ///   - body: adds the members of the kind.
    private func configuration(
        _ component: String,
        _ id: String,
        _ stream: MQTTStream,
        needsPictures: Bool = false,
        _ body: (inout JSONLine) -> Void
    ) -> MQTTMessage {
        var line = JSONLine()
        body(&line)
        line.add("unique_id", "\(node)_\(id)")
        var available = JSONLine()
        available.add("topic", topics.status)
        var pictures = JSONLine()
        pictures.add("topic", topics.health(of: stream.name))
        pictures.add("value_template", "{{ 'offline' if value_json.state == 'offline' else 'online' }}")
        line.add("availability", needsPictures ? [available, pictures] : [available])
        if needsPictures { line.add("availability_mode", "all") }
        line.add("qos", qos)
        line.add("device", device(of: stream))
        var origin = JSONLine()
        origin.add("name", "Watchword")
        origin.add("sw_version", version)
        line.add("origin", origin)
        return .retained("\(prefix)/\(component)/\(node)/\(id)/config", line.text)
    }

    private func device(of stream: MQTTStream) -> JSONLine {
        var device = JSONLine()
        device.add("identifiers", ["\(node)_\(stream.name)"])
        device.add("name", stream.name)
        device.add("manufacturer", "Watchword")
        device.add("model", "Watched stream")
        device.add("sw_version", version)
        return device
    }

    /// The prefix as one level of a topic and the beginning of identifiers, different for each prefix: a prefix that
    /// has a slash or an underscore, which also separates the parts of identifiers, is spelled with hyphens and followed
    /// by its fingerprint.
    private var node: String {
        guard topics.prefix.contains(where: { "/_".contains($0) }) else { return topics.prefix }
        let spelled = topics.prefix.map { "/_".contains($0) ? "-" : String($0) }.joined()
        return "\(spelled)--\(String(MQTTTopics.fingerprint(topics.prefix), radix: 16))"
    }

    private var formerNode: String { topics.prefix.replacing("/", with: "-") }
}

extension [String] {
    /// Each text once, in order.
    fileprivate var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
