import ConfigurationText
import MQTTFeed
import Testing

@testable import Settings

@Suite("Configuration: the broker")
struct ConfigurationMQTTTests {
    private static func decode(_ section: String, environment: [String: String] = [:]) throws -> Configuration {
        try Configuration.decode("\(section)\n\(goodStreams)", file: "w.yaml", environment: environment)
    }

    private static func faults(_ section: String, environment: [String: String] = [:]) -> [String] {
        do {
            _ = try decode(section, environment: environment)
            return []
        } catch {
            return (error as? ConfigurationError)?.diagnostics.map(\.description) ?? ["\(error)"]
        }
    }

    @Test func thereIsNoneUnlessItIsConfigured() throws {
        let configuration = try Self.decode("mqtt:")
        #expect(configuration.mqtt == nil)
        #expect(configuration.report.filter { $0.hasPrefix("mqtt") } == ["mqtt.url = none   (default)"])
    }

    @Test func everyKey() throws {
        let configuration = try Self.decode(
            """
            mqtt:
              url: mqtts://broker.local
              username: watchword
              password: "${MQTT_PASSWORD}"
              ca: /etc/watchword/ca.pem
              client_cert: /etc/watchword/client.pem
              client_key: /etc/watchword/client.key
              client_id: barn
              topic: barn/Watchword_1
              discovery: off
              qos: 2
            """,
            environment: ["MQTT_PASSWORD": "hunter2!"]
        )
        var wanted = MQTTSettings()
        wanted.url = "mqtts://broker.local"
        wanted.username = "watchword"
        wanted.password = "hunter2!"
        wanted.ca = "/etc/watchword/ca.pem"
        wanted.clientCertificate = "/etc/watchword/client.pem"
        wanted.clientKey = "/etc/watchword/client.key"
        wanted.clientID = "barn"
        wanted.topic = "barn/Watchword_1"
        wanted.discovery = nil
        wanted.qos = 2
        #expect(configuration.mqtt == wanted)
        #expect(configuration.report.contains("mqtt.discovery = off   (w.yaml:10)"))
        #expect(configuration.report.contains("mqtt.password = ***   (w.yaml:4)"))
    }

    @Test func theRestHasDefaults() throws {
        let mqtt = try #require(try Self.decode("mqtt: {url: 'mqtt://b'}").mqtt)
        #expect(mqtt.topic == "watchword")
        #expect(mqtt.discovery == "homeassistant")
        #expect(mqtt.qos == 1)
        #expect(mqtt.username == nil)
    }

    /// A password written in the file is as secret as one that was looked up.
    @Test(arguments: ["hunter2!", "${P}", "a${P}"])
    func thePasswordIsASecret(password: String) throws {
        let section = "mqtt: {url: 'mqtt://b', username: u, password: '\(password)'}"
        let configuration = try Self.decode(section, environment: ["P": "hunter2!"])
        let secret = try #require(configuration.mqtt?.password)
        #expect(configuration.secrets.values.contains(secret))
        #expect(!configuration.report.joined().contains("hunter2"))
        #expect(!"\(configuration)".contains("hunter2"))
    }

    @Test(arguments: [
        ("mqtt: {topic: a}", "w.yaml:1:15: mqtt has no url; add url: mqtt://broker.local:1883, or remove mqtt:"),
        (
            "mqtt: {url: broker}",
            "w.yaml:1:13: mqtt.url is not the address of an MQTT broker; write it like mqtt://broker.local:1883 or "
                + "mqtts://broker.local"
        ),
        (
            "mqtt: {url: 'mqtt://u:hunter2@b'}",
            "w.yaml:1:13: mqtt.url holds a user name or a password; move them to username: and password:, as "
                + "${MQTT_PASSWORD}"
        ),
        (
            "mqtt: {url: 'mqtt://b', password: hunter2}",
            "w.yaml:1:35: mqtt.password is set without mqtt.username; add mqtt.username"
        ),
        (
            "mqtt: {url: 'mqtts://b', client_cert: /a}",
            "w.yaml:1:39: mqtt.client_cert is set without mqtt.client_key; set both or neither"
        ),
        (
            "mqtt: {url: 'mqtt://b', ca: /a}",
            "w.yaml:1:29: mqtt.ca is for TLS, which mqtt.url does not use; write mqtts://"
        ),
        ("mqtt: {url: 'mqtt://b', qos: 3}", "w.yaml:1:30: mqtt.qos is 3, outside 0 to 2; choose a value in that range"),
        (
            "mqtt: {url: 'mqtt://b', topic: a/+}",
            "w.yaml:1:32: mqtt.topic is not a valid topic prefix; use levels of a-z, A-Z, 0-9, _ and -, separated "
                + "by /, such as home/watchword"
        ),
        (
            "mqtt: {url: 'mqtt://b', discovery: yes}",
            "w.yaml:1:36: mqtt.discovery is a word that YAML reads as true or false, and no topic prefix; write the "
                + "prefix out, such as watchword or homeassistant"
        ),
        (
            "mqtt: {url: 'mqtt://b', topic: False}",
            "w.yaml:1:32: mqtt.topic is a word that YAML reads as true or false, and no topic prefix; write the prefix "
                + "out, such as watchword or homeassistant"
        ),
        ("mqtt: {uri: 'mqtt://b'}", "w.yaml:1:8: unknown key \"uri\" in mqtt; did you mean \"url\"?"),
    ])
    func whatIsWrong(section: String, fault: String) {
        let faults = Self.faults(section)
        #expect(faults.first == fault)
        #expect(!faults.joined().contains("hunter2"))
    }

    /// However YAML, or whoever writes it, spells it.
    @Test(arguments: ["off", "Off", "OFF", "false", "False", "no", "none"])
    func discoveryIsSwitchedOff(word: String) throws {
        let configuration = try Self.decode("mqtt: {url: 'mqtt://b', discovery: \(word)}")
        #expect(configuration.mqtt?.discovery == nil)
        #expect(configuration.report.contains("mqtt.discovery = off   (w.yaml:1)"))
        let environment = ["WATCHWORD_MQTT_URL": "mqtt://b", "WATCHWORD_MQTT_DISCOVERY": word]
        #expect(try Self.decode("", environment: environment).mqtt?.discovery == nil)
    }

    @Test func aVariableSwitchesItOn() throws {
        let environment = ["WATCHWORD_MQTT_URL": "mqtt://b"]
        #expect(try Self.decode("", environment: environment).mqtt?.address?.host == "b")
    }
}
