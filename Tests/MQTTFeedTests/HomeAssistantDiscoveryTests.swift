import Testing

@testable import MQTTFeed
@testable import Text

/// The payloads against what Home Assistant documents: https://www.home-assistant.io/integrations/binary_sensor.mqtt,
/// …/event.mqtt and …/mqtt#discovery-messages, read in 2026.
@Suite struct HomeAssistantDiscoveryTests {
    private let discovery = HomeAssistantDiscovery(
        topics: MQTTTopics(prefix: "home/watchword"),
        prefix: "homeassistant",
        qos: 1,
        version: "1.2.3"
    )
    private let door = MQTTStream(
        name: "front-door",
        labels: [.init(name: "fall", text: "a person falls"), .init(name: "Somebody \"rings\"!", text: "Somebody")]
    )

    private static let common: Set = [
        "availability", "availability_mode", "availability_template", "availability_topic", "device", "device_class",
        "enabled_by_default", "encoding", "entity_category", "icon", "json_attributes_template",
        "json_attributes_topic", "name", "origin", "payload_available", "payload_not_available", "qos", "state_topic",
        "unique_id", "value_template",
    ]
    private static let documented: [String: Set<String>] = [
        "binary_sensor": common.union(["expire_after", "force_update", "off_delay", "payload_off", "payload_on"]),
        "event": common.union(["event_types"]),
    ]
    private static let device: Set = [
        "configuration_url", "connections", "hw_version", "identifiers", "manufacturer", "model", "model_id", "name",
        "serial_number", "suggested_area", "sw_version", "via_device",
    ]
    private static let binarySensorClasses: Set = ["connectivity", "problem"]

    @Test func everyPayloadHasDocumentedFieldsOnly() throws {
        let messages = discovery.announcements(of: door)
        #expect(messages.count == 5)
        #expect(Set(messages.map(\.topic)).count == messages.count)
        var identifiers: Set<String> = []
        for message in messages {
            #expect(message.isRetained)
            let topic = /homeassistant\/(binary_sensor|event)\/([a-zA-Z0-9_-]+)\/([a-zA-Z0-9_-]+)\/config/
            let match = try #require(message.topic.wholeMatch(of: topic), "\(message.topic)")
            #expect(match.output.2 == "home-watchword--10ba893c866266c6")
            let payload = try JSONValue(parsing: message.payload)
            let known = try #require(Self.documented[String(match.output.1)])
            #expect(payload.keys.isSubset(of: known), "\(payload.keys.subtracting(known))")
            #expect(payload["state_topic"]?.string?.hasPrefix("home/watchword/front-door/") == true)
            #expect(identifiers.insert(try #require(payload["unique_id"]?.string)).inserted)
            let device = try #require(payload["device"])
            #expect(device.keys.isSubset(of: Self.device))
            #expect(device["identifiers"] == ["home-watchword--10ba893c866266c6_front-door"])
            let origin = try #require(payload["origin"])
            #expect(origin.keys == ["name", "sw_version"])
            #expect(payload["availability"]?.array?.first?["topic"]?.string == "home/watchword/status")
            if match.output.1 == "event" {
                #expect(payload["event_types"] == ["started", "ended"])
            } else {
                #expect(payload["payload_on"] == "ON")
                #expect(payload["payload_off"] == "OFF")
            }
            if let kind = payload["device_class"]?.string { #expect(Self.binarySensorClasses.contains(kind)) }
        }
    }

    @Test func aLabelIsABinarySensorWithItsLastEvent() throws {
        let message = try #require(discovery.announcements(of: door).first { $0.topic.contains("_L_fall") })
        #expect(
            message.topic == "homeassistant/binary_sensor/home-watchword--10ba893c866266c6/front-door_L_fall/config"
        )
        let payload = try JSONValue(parsing: message.payload)
        #expect(payload["name"] == "fall")
        #expect(payload["unique_id"] == "home-watchword--10ba893c866266c6_front-door_L_fall")
        #expect(payload["state_topic"] == "home/watchword/front-door/fall/state")
        #expect(payload["json_attributes_topic"] == "home/watchword/front-door/fall/attributes")
        #expect(payload["availability_mode"] == "all")
        #expect(payload["availability"]?.array?.last?["topic"] == "home/watchword/front-door/health")
    }

    @Test func theFilterFindsThemAll() {
        for message in discovery.announcements(of: door) {
            let (levels, filter) = (message.topic.split(separator: "/"), discovery.filters[0].split(separator: "/"))
            #expect(levels.count == filter.count)
            #expect(zip(levels, filter).allSatisfy { $1 == "+" || $0 == $1 })
        }
    }

    /// A stream's name with a label's must not come out as another stream's with another label's.
    @Test func identifiersStayApart() {
        let streams = [
            MQTTStream(name: "a", labels: [.init(name: "b_c", text: "")]),
            MQTTStream(name: "a_b", labels: [.init(name: "c", text: "")]),
        ]
        let topics = streams.flatMap { discovery.announcements(of: $0) }.map(\.topic)
        #expect(Set(topics).count == topics.count)
    }

    /// Prefixes that differ have identifiers that differ, whatever the streams are called.
    @Test func noTwoPrefixesShareAnIdentifier() throws {
        let prefixes = [
            "home/ww", "home-ww", "home_ww", "home/ww/x", "home-ww-x", "ww", "ww_door", "ww/door", "ww-door",
        ]
        var owners: [String: String] = [:]
        for prefix in prefixes {
            let discovery = HomeAssistantDiscovery(
                topics: MQTTTopics(prefix: prefix),
                prefix: "ha",
                qos: 1,
                version: "1"
            )
            for stream in ["x", "door_x", "door"] {
                for message in discovery.announcements(
                    of: MQTTStream(name: stream, labels: [.init(name: "a", text: "")])
                ) {
                    let id = try #require(try JSONValue(parsing: message.payload)["unique_id"]?.string)
                    for key in [id, message.topic] {
                        let owner = owners.updateValue(prefix, forKey: key)
                        #expect(owner == nil || owner == prefix, "\(key) is of \(prefix) and of \(owner ?? "")")
                    }
                    #expect(message.topic.wholeMatch(of: #/ha/\w+/[a-zA-Z0-9_-]+/[a-zA-Z0-9_-]+/config/#) != nil)
                }
            }
        }
        // The usual one keeps the identifiers that it has always had.
        let plain = HomeAssistantDiscovery(topics: MQTTTopics(prefix: "watchword"), prefix: "ha", qos: 1, version: "1")
        #expect(plain.filters == ["ha/+/watchword/+/config"])
    }
}

extension JSONValue {
    var keys: Set<String> { if case .object(let members) = self { Set(members.map(\.key)) } else { [] } }
}
