import ConfigurationText
import Events
import Fleet
import MQTTFeed
import Testing
import WebhookFeed

@testable import Settings

@Suite("Configuration: the fleet")
struct ConfigurationFleetTests {
    private static func decode(_ text: String, environment: [String: String] = [:]) throws -> Configuration {
        try Configuration.decode(text, file: "w.yaml", environment: environment)
    }

    @Test func thereIsNoneUnlessItIsConfigured() throws {
        let configuration = try Self.decode("fleet:\n\(goodStreams)")
        #expect(configuration.fleet == nil)
        #expect(configuration.report.filter { $0.hasPrefix("fleet") } == ["fleet.servers = none   (default)"])
        #expect(diagnostics("fleet:").count == 1, "a host alone needs streams")
    }

    @Test func everyKey() throws {
        let configuration = try Self.decode(
            """
            fleet:
              servers: [tls://a.local:4222, "tls://[::1]"]
              ca: /etc/watchword/ca.pem
              client_cert: /etc/watchword/node.pem
              client_key: /etc/watchword/node.key
              user: node-7
              password: "${P}"
              host: node-7.example.net
              capacity: 12.5
              rhythm: quick
            """,
            environment: ["P": "hunter2!"]
        )
        var wanted = FleetSettings(servers: ["tls://a.local:4222", "tls://[::1]"], host: "node-7.example.net")
        wanted.ca = "/etc/watchword/ca.pem"
        (wanted.clientCertificate, wanted.clientKey) = ("/etc/watchword/node.pem", "/etc/watchword/node.key")
        (wanted.user, wanted.password) = ("node-7", "hunter2!")
        wanted.capacity = 12.5
        wanted.rhythm = .quick
        #expect(configuration.fleet == wanted)
        #expect(configuration.streams == [])
        #expect(configuration.report.contains("fleet.password = ***   (w.yaml:7)"))
        #expect(configuration.secrets.values.contains("hunter2!"))
        #expect(!"\(configuration)\(configuration.report)".contains("hunter2"))
    }

    @Test func theRestHasDefaults() throws {
        let text = "fleet: {servers: ['nats://a'], nkey: U, nkey_seed: /n.nk}"
        let fleet = try #require(try Self.decode(text).fleet)
        #expect(!fleet.host.isEmpty && fleet.capacity == nil && fleet.rhythm == FleetRhythm())
        #expect(fleet.nkey == "U" && fleet.nkeySeed == "/n.nk")
        let named = try Self.decode(text, environment: ["WATCHWORD_FLEET_HOST": "pod-1"])
        #expect(named.fleet?.host == "pod-1")
        #expect(named.changesNeedingRestart(since: try Self.decode(text)) == ["fleet"])
    }

    private static let wrong: [(String, String?)] = [
        ("{host: a}", "1:15: fleet has no servers; add servers: [tls://a.local:4222, …], or remove fleet:"),
        (
            "{servers: [a]}",
            "1:19: fleet.servers[1] is not the address of a NATS server; write it like tls://a.local:4222 or nats://a.local"
        ),
        (
            "{servers: ['nats://u:hunter2@a']}",
            "1:19: fleet.servers[1] holds a user name or a password; move them to user: and password:, as ${FLEET_PASSWORD}"
        ),
        ("{servers: ['nats://a:0']}", nil),
        ("{servers: ['nats://a/b']}", nil),
        (
            "{servers: ['nats://a'], password: hunter2}",
            "1:42: fleet.password is set without fleet.user; set both or neither"
        ),
        ("{servers: ['nats://a'], nkey: U}", "1:38: fleet.nkey is set without fleet.nkey_seed; set both or neither"),
        (
            "{servers: ['nats://a'], user: u, credentials: /c}",
            "1:54: fleet has both user and credentials; keep the one that the servers know this host by"
        ),
        (
            "{servers: ['nats://a', 'tls://b']}",
            "1:18: some of fleet.servers use TLS and some do not; write tls:// for each"
        ),
        (
            "{servers: ['nats://a'], ca: /a}",
            "1:36: fleet.ca is for TLS, which fleet.servers do not use; write tls://"
        ),
        (
            "{servers: ['nats://a'], capacity: 0}",
            "1:42: fleet.capacity is \"0\", which is neither `measured` nor a number from 0.1 to 100000; write it like 40, or leave it out"
        ),
        ("{servers: ['nats://a'], rhythm: slow}", nil),
        ("{server: ['nats://a']}", "1:9: unknown key \"server\" in fleet; did you mean \"servers\"?"),
    ]

    @Test(arguments: wrong)
    func whatIsWrong(section: String, fault: String?) {
        let faults = diagnostics("fleet: \(section)\n\(goodStreams)")
        #expect(!faults.isEmpty && !faults.joined().contains("hunter2"))
        if let fault { #expect(faults.first == "w.yaml:\(fault)") }
    }

    // MARK: - What the hosts share

    private static let shared = """
        x-parts: {}
        defaults: {window: 3s, threshold: 0.7, release: 0.3}
        streams:
          - {name: door, url: 'rtsp://watcher:${DOOR}@door.local/1', labels: [a]}
          - {name: yard, url: 'rtsp://yard.local/1', labels: [b], window: 8s}
        """

    private static func host() throws -> Configuration {
        let text = "fleet: {servers: ['nats://a'], host: h}\nhttp:\ndefaults: {window: 9s}\n\(goodStreams)"
        return try decode(text)
    }

    @Test func theFleetHasTheStreamsAndTheHostTheRest() throws {
        let host = try Self.host()
        let joined = try Configuration.decode(
            fleet: Self.shared,
            file: "fleet",
            on: host,
            environment: ["DOOR": "hunter2!", "WATCHWORD_DEFAULTS_WINDOW": "1s"]
        )
        #expect(joined.streams == host.streams && joined.http == host.http && joined.fleet == host.fleet)
        #expect(joined.fleetStreams.map(\.name) == ["door", "yard"])
        #expect(joined.fleetStreams.map(\.window) == [.seconds(3), .seconds(8)])
        #expect(joined.fleetStreams.first?.options.rules.threshold == 0.7)
        #expect(joined.fleetStreams.first?.url.expanded == "rtsp://watcher:hunter2%21@door.local/1")
        #expect(joined.secrets.values.contains("hunter2!"))
        #expect(joined.report.contains("streams.yard.window = 8s   (fleet:5)"))
        #expect(joined.report.contains("streams.a.window = 9s   (w.yaml:3)"))
    }

    @Test func whatAHostNeedsIsNotNeededToCheck() throws {
        let text = Self.shared + "\n  - {name: x, url: /dev/video0, labels: [{text: c, examples: [/a.mp4, /b.mp4]}]}"
        let checked = try Configuration.check(fleet: text, file: "fleet", by: try Self.host())
        #expect(checked.fleetStreams.map(\.name) == ["door", "yard", "x"])
        #expect(checked.fleetStreams.last?.labels.first?.examples.map(\.path) == ["/a.mp4", "/b.mp4"])
        #expect(Self.faults(text) != [], "a host needs the password and the clips")
    }

    /// The address of a chat's webhook is a secret as a whole, and so may a camera's be.
    @Test func anAddressThatOnlyTheHostsKnowIsTheirsToCheck() throws {
        let text = """
            streams: [{name: b, url: '${CAMERA}', transport: tcp, labels: [x]}]
            mqtt: {url: '${BROKER}', ca: '${CA}'}
            webhooks: [{name: chat, url: '${CHAT}', template: slack, ca: /ca.pem}]
            """
        let host = try Self.host()
        let checked = try Configuration.check(fleet: text, file: "fleet", by: host)
        #expect(checked.fleetStreams.map(\.name) == ["b"] && checked.fleetWebhooks.map(\.name) == ["chat"])
        var environment = [
            "CAMERA": "rtsp://door.local/1", "BROKER": "mqtts://b", "CA": "/b.pem", "CHAT": "https://chat.local/x",
        ]
        let joined = try Configuration.decode(fleet: text, file: "fleet", on: host, environment: environment)
        #expect(joined.fleetStreams.first?.url.expanded == "rtsp://door.local/1")
        environment["CAMERA"] = "door.local"
        #expect(throws: ConfigurationError.self) {
            try Configuration.decode(fleet: text, file: "fleet", on: host, environment: environment)
        }
        // What is written out is checked.
        let written = "streams: [{name: b, url: 'rtsp//${CAMERA}', labels: [x]}]"
        #expect(throws: ConfigurationError.self) {
            try Configuration.check(fleet: written, file: "fleet", by: host)
        }
    }

    private static func faults(_ text: String) -> [String] {
        do {
            _ = try Configuration.decode(fleet: text, file: "fleet", on: try host(), environment: ["P": "p"])
            return []
        } catch {
            return (error as? ConfigurationError)?.diagnostics.map(\.description) ?? ["\(error)"]
        }
    }

    @Test func theFleetHasReceiversAndNamesItsModel() throws {
        let text = """
            model: {digest: 4f2a}
            streams: [{name: b, url: 'rtsp://a', labels: [x]}]
            mqtt: {url: 'mqtt://broker', username: u, password: "${P}", topic: all}
            webhooks: [{name: alarm, url: 'https://alarm.local/${P}', secret: "${S}"}]
            """
        let host = try Self.decode(
            "fleet: {servers: ['nats://a'], host: h}\nmqtt: {url: 'mqtt://own'}\n\(goodStreams)"
        )
        let environment = ["P": "hunter2!", "S": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
        let joined = try Configuration.decode(fleet: text, file: "fleet", on: host, environment: environment)
        #expect(joined.fleetModel == "4f2a")
        #expect(joined.fleetMQTT?.topic == "all" && joined.fleetMQTT?.password == "hunter2!")
        #expect(joined.fleetWebhooks.map(\.name) == ["alarm"])
        #expect(joined.mqtt == host.mqtt && joined.webhooks.isEmpty, "the host's own are for its own streams")
        #expect(joined.secrets.values.contains("hunter2!"))
        // Without the hosts' secrets.
        let checked = try Configuration.check(fleet: text, file: "fleet", by: host)
        #expect(checked.fleetMQTT?.url == "mqtt://broker" && checked.fleetWebhooks.count == 1)
        let plain = try Configuration.decode(fleet: Self.shared, file: "fleet", on: host, environment: ["DOOR": "d"])
        #expect(plain.fleetMQTT == nil && plain.fleetWebhooks.isEmpty && plain.fleetModel == nil)
    }

    @Test(arguments: [
        ("mqtt: {url: 'mqtt://b', username: u, password: hunter2}", "is written out, and the fleet's servers would"),
        ("mqtt: {url: 'mqtt://u:hunter2@b'}", "holds a user name or a password"),
        ("mqtt: {topic: all}", "mqtt has no url"),
        ("webhooks: [{name: a, url: 'https://a', picture: true}]", "pictures stay with the host that made them"),
    ])
    func aReceiverWithAFaultIsRefused(line: String, fault: String) {
        let faults = Self.faults("streams: [{name: b, url: 'rtsp://a', labels: [x]}]\n\(line)")
        #expect(faults.count == 1 && faults.joined().contains(fault), "\(faults)")
        #expect(!faults.joined().contains("hunter2"))
    }

    private static let strangers: [(String, String?)] = [
        (
            "http:",
            "fleet:2:1: http: is each host's own, and has no place in the fleet's configuration; write it in the hosts' files"
        ),
        ("model: {path: m}", nil), ("events: {socket: /s}", nil), ("fleet: {}", nil),
        ("default: {window: 5s}", "fleet:2:1: unknown key \"default\"; did you mean \"defaults\"?"),
    ]

    @Test(arguments: strangers)
    func onlyStreamsAndDefaultsAreShared(line: String, fault: String?) {
        let faults = Self.faults("streams: [{name: b, url: 'rtsp://a', labels: [x]}]\n\(line)")
        #expect(faults.count == 1)
        if let fault { #expect(faults.first == fault) }
    }

    @Test(arguments: [
        ("{name: a, url: 'rtsp://b', labels: [x]}", "is already used at w.yaml:4:26"),
        ("{name: b, url: 'rtsp://u:hunter2@b', labels: [x]}", "holds a password, which the fleet's servers would keep"),
        ("{name: b, url: 'rtsp://u:${P}2@b', labels: [x]}", "holds a password"),
        ("{name: b, url: 'rtsp://b', labels: [{text: x, examples: [c.mp4, /d.mp4]}]}", "is not a path from the root"),
    ])
    func whatCannotBeShared(stream: String, fault: String) {
        let faults = Self.faults("streams: [\(stream)]")
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
        #expect(!faults.joined().contains("hunter2"))
    }

    @Test func aFleetHasMoreStreamsThanAHost() throws {
        let streams = (0..<1000).map { "- {name: cam-\($0), url: 'rtsp://c\($0)', labels: [a, b]}" }
        let text = "streams:\n" + streams.joined(separator: "\n")
        #expect(Self.faults(text) == [])
        #expect(diagnostics(text).count == 1)
    }
}
