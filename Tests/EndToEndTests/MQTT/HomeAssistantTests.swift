import Foundation
import TestSupport
import Testing
import Text

/// What Home Assistant finds on the broker as labels come and go.
@Suite(.serialized) struct HomeAssistantTests {
    @Test func entitiesComeAndGoWithTheConfiguration() async throws {
        try await TemporaryDirectory.with { directory in
            try await MosquittoBroker.with(in: directory) { broker in
                let section = MQTTDaemon.section(broker.port, "topic: home/ww")
                let all = MQTTDaemon.stream("door") + section
                try await MQTTDaemon.with(all, in: directory) { daemon in
                    try await expect(["door_L_one", "door_L_something-else"], broker, directory)
                    #expect(try await broker.retained("home/ww/status", in: directory) == ["home/ww/status": "online"])
                    try await announcedAgain(broker)
                    // A reload takes a label away.
                    let less = MQTTDaemon.stream("door", labels: "[something else]") + section
                    try DaemonProcess.configuration(less, in: directory)
                    daemon.send(SIGHUP)
                    try await expect(["door_L_something-else"], broker, directory)
                    let states = try await broker.retained("home/ww/door/+/state", in: directory)
                    #expect(states.keys.sorted() == ["home/ww/door/something-else/state"])
                    // And puts it back, with another stream.
                    try DaemonProcess.configuration(MQTTDaemon.stream("door") + more + section, in: directory)
                    daemon.send(SIGHUP)
                    try await expect(
                        ["door_L_one", "door_L_something-else", "yard_L_anything"],
                        broker,
                        directory
                    )
                    try await eventually("the new stream's health") {
                        let health = try await broker.retained("home/ww/yard/health", in: directory)
                        return health["home/ww/yard/health"]?.contains(#""state":"online""#) == true
                    }
                    daemon.kill()
                }
                #expect(try await broker.retained("home/ww/status", in: directory) == ["home/ww/status": "offline"])
                // What went while no daemon ran is found and taken back too.
                try await MQTTDaemon.with(all, in: directory) { _ in
                    try await expect(["door_L_one", "door_L_something-else"], broker, directory)
                    try await eventually("the door's health alone") {
                        try await broker.retained("home/ww/+/health", in: directory).keys.sorted()
                            == ["home/ww/door/health"]
                    }
                }
            }
        }
    }

    /// Home Assistant has no session at the broker and may come back after the daemon: what happened meanwhile waits for it.
    @Test func recordsWaitForItAfterARestartOfTheBroker() async throws {
        try await TemporaryDirectory.with { directory in
            try await MosquittoBroker.with(in: directory) { broker in
                let configuration = MQTTDaemon.stream("door") + MQTTDaemon.section(broker.port, "topic: home/ww")
                try await MQTTDaemon.with(configuration, in: directory) { daemon in
                    try await expect(["door_L_one", "door_L_something-else"], broker, directory)
                    try await announcedAgain(broker)
                    try await broker.stop()
                    // Nor does anybody else have one.
                    try broker.loseMemory()
                    let before = try head(directory)
                    let connections = { daemon.errors.components(separatedBy: "connected with the MQTT broker").count }
                    let earlier = connections()
                    try await broker.start()
                    try await eventually("the daemon's return", context: { daemon.errors }) { connections() > earlier }
                    try await broker.subscribe(["home/ww/+/event"]) { subscriber in
                        try await eventually("records before Home Assistant is back") {
                            try head(directory) >= before + 4
                        }
                        try await broker.publish("homeassistant/status", "online")
                        try await subscriber.first("later events") { ($0.seq ?? 0) > before + 8 }
                        let found = try subscriber.messages().compactMap(\.seq).filter { $0 > before }
                        let records = try await JournalledEvent.all(in: directory).map(\.seq).filter { $0 > before }
                        #expect(found.count >= 4 && found == Array(records.prefix(found.count)))
                    }
                }
            }
        }
    }

    private func head(_ directory: TemporaryDirectory) throws -> Int64 {
        let hello = try SocketClient.hello(of: directory.socket)
        return try #require(hello["seq_last"]?.integer)
    }

    private let more = DaemonProcess.stream("yard", DaemonProcess.picture)

    /// Waits until the broker keeps the configurations of these labels and no others, and of their streams.
    private func expect(
        _ labels: [String],
        _ broker: MosquittoBroker,
        _ directory: TemporaryDirectory
    ) async throws {
        let streams = Set(labels.compactMap { $0.split(separator: "_").first.map(String.init) })
        let wanted = Set(labels + streams.flatMap { ["\($0)_H_connectivity", "\($0)_H_problem", "\($0)_E_event"] })
        var found: Set<String> = []
        try await eventually("the entities \(wanted.sorted())", context: { "\(found.sorted())" }) {
            let topics = try await broker.retained("homeassistant/#", in: directory).keys
            found = Set(topics.compactMap { $0.split(separator: "/").dropLast().last.map(String.init) })
            return found == wanted
        }
    }

    /// When Home Assistant says that it has started, it is told all once more.
    private func announcedAgain(_ broker: MosquittoBroker) async throws {
        try await broker.subscribe(["homeassistant/+/+/+/config"]) { subscriber in
            try await subscriber.first("what is retained") { $0.isRetained }
            try await broker.publish("homeassistant/status", "online")
            let topic = "homeassistant/binary_sensor/home-ww--5e343c371afaecc1/door_L_one/config"
            let message = try await subscriber.first("an announcement") { $0.topic == topic && !$0.isRetained }
            #expect(try JSONValue(parsing: message.payload)["state_topic"]?.string == "home/ww/door/one/state")
        }
    }
}
