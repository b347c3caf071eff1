import Foundation
import TestSupport
import Testing
import Text

/// What a real broker keeps, loses, refuses and leaves unanswered.
@Suite(.serialized) struct MQTTMemoryTests {
    @Test func aBrokerThatLostItsMemoryGetsAllOfItAgain() async throws {
        try await TemporaryDirectory.with { directory in
            try await MosquittoBroker.with(in: directory) { broker in
                let section = MQTTDaemon.section(broker.port)
                let quiet = MQTTDaemon.stream("door").replacing(/url: .*/, with: "url: /nowhere.mp4") + section
                let topics = ["health", "one/state", "one/attributes", "something-else/attributes"]
                let wanted = Set(topics.map { "watchword/door/\($0)" })
                func everything(_ what: String) async throws {
                    var found: Set<String> = []
                    try await eventually(what, context: { "\(found.sorted())" }) {
                        found = Set(try await broker.retained("watchword/#", in: directory).keys)
                        return found.isSuperset(of: wanted)
                    }
                }
                try await MQTTDaemon.with(MQTTDaemon.stream("door") + section, in: directory) { _ in
                    try await everything("an event of each label")
                }
                // No more events come, so that what comes again is what was remembered.
                try await MQTTDaemon.with(quiet, in: directory) { daemon in
                    for _ in 0..<2 {
                        try await broker.stop()
                        try broker.loseMemory()
                        try await broker.start()
                        try await everything("the last event of each label again")
                    }
                    daemon.send(SIGTERM)
                    #expect(try await daemon.finish() == .exit(0))
                }
                // With the broker and the daemon both started anew, as after a restart of the machine.
                try await broker.stop()
                try broker.loseMemory()
                try await broker.start()
                try await MQTTDaemon.with(quiet, in: directory) { _ in
                    try await everything("the last event of each label from the journal")
                }
            }
        }
    }

    @Test func theLastEventsPictureIsAnImage() async throws {
        try await TemporaryDirectory.with { directory in
            try await MosquittoBroker.with(in: directory) { broker in
                let environment = ["WATCHWORD_EVENTS_PICTURES": directory("pictures")]
                let streams = DaemonProcess.stream("door", DaemonProcess.picture) + MQTTDaemon.section(broker.port)
                try await MQTTDaemon.with(streams, environment: environment, in: directory) { daemon in
                    let topic = "watchword/door/anything/picture"
                    let subscriber = ["-h", "127.0.0.1", "-p", "\(broker.port)", "-t", topic, "-C", "1", "-N"]
                    try await tool("/usr/bin/mosquitto_sub", subscriber, in: directory)
                    let sent = try Data(contentsOf: URL(filePath: directory("tool.stdout")))
                    let entity = "homeassistant/image/watchword/door_I_anything/config"
                    let found = try await broker.retained(entity, in: directory)
                    let configuration = try JSONValue(parsing: try #require(found[entity]))
                    #expect(configuration["image_topic"]?.string == topic)
                    #expect(configuration["content_type"]?.string == "image/jpeg")
                    let files = try FileManager.default.subpathsOfDirectory(atPath: directory("pictures"))
                    let kept = try files.filter { $0.hasSuffix(".jpg") }.map {
                        try Data(contentsOf: URL(filePath: directory("pictures") + "/" + $0))
                    }
                    #expect(!sent.isEmpty && kept.contains(sent))
                    daemon.send(SIGTERM)
                    #expect(try await daemon.finish() == .exit(0))
                }
                // Without pictures, neither the entity nor the picture stays.
                try await MQTTDaemon.with(streams, in: directory) { _ in
                    try await eventually("no image") {
                        let images = try await broker.retained("homeassistant/image/#", in: directory)
                        let pictures = try await broker.retained("watchword/+/+/picture", in: directory)
                        return images.isEmpty && pictures.isEmpty
                    }
                }
            }
        }
    }

    @Test func whatTheAccessListDeniesIsReported() async throws {
        try await TemporaryDirectory.with { directory in
            let list = try directory.write(
                "topic readwrite watchword/#\ntopic read homeassistant/#\ntopic readwrite test/#\n",
                to: "acl"
            )
            let options = "allow_anonymous true\nacl_file \(list)"
            try await MosquittoBroker.with(options: options, in: directory) { broker in
                let streams = MQTTDaemon.stream("door") + MQTTDaemon.section(broker.port)
                try await MQTTDaemon.with(streams, in: directory) { daemon in
                    let refusal =
                        "refuses messages on homeassistant/binary_sensor/watchword/door_L_one/config "
                        + "(not authorised): allow it in the broker's access list"
                    try await eventually("the refusal", context: { daemon.errors }) { daemon.errors.contains(refusal) }
                    let status = try await watchword(["status", "--socket", directory.socket], in: directory)
                    #expect(status.output.contains("not authorised"), "\(status)")
                    // What is allowed goes on.
                    try await eventually("states") {
                        try await !broker.retained("watchword/door/+/state", in: directory).isEmpty
                    }
                    #expect(daemon.errors.components(separatedBy: refusal).count == 2, "once: \(daemon.errors)")
                }
            }
        }
    }

    @Test func aBrokerThatHangsIsNoticedInWords() async throws {
        try await TemporaryDirectory.with { directory in
            try await MosquittoBroker.with(in: directory) { broker in
                let streams = DaemonProcess.stream("door", DaemonProcess.picture) + MQTTDaemon.section(broker.port)
                try await MQTTDaemon.with(streams, in: directory) { daemon in
                    try await eventually("the connection") { daemon.errors.contains("connected with the MQTT broker") }
                    broker.hang()
                    defer { broker.wake() }
                    let began = ContinuousClock.now
                    try await eventually("words", context: { daemon.errors }) {
                        daemon.errors.contains("it has answered nothing for 6 s")
                    }
                    print("a hung broker was noticed after \(ContinuousClock.now - began)")
                    broker.wake()
                    try await eventually("the connection again", context: { daemon.errors }) {
                        daemon.errors.components(separatedBy: "connected with the MQTT broker").count > 2
                    }
                }
            }
        }
    }

    /// Another prefix, no discovery, other labels: what is no longer announced is taken back, and nobody else's.
    @Test func whatIsNoLongerAnnouncedIsTakenBack() async throws {
        try await TemporaryDirectory.with { directory in
            try await MosquittoBroker.with(in: directory) { broker in
                let stream = DaemonProcess.stream("door", DaemonProcess.picture)
                let others = ["home/kitchen/light/state": "ON", "home/kitchen/health": "{}"]
                for (topic, payload) in others { try await broker.publish(topic, payload, retained: true) }
                func run(_ options: String..., expecting prefixes: Set<String>) async throws {
                    let section = options.reduce(MQTTDaemon.section(broker.port)) { $0 + "  \($1)\n" }
                    try await MQTTDaemon.with(stream + section, in: directory) { daemon in
                        var found: Set<String> = []
                        try await eventually("only \(prefixes)", context: { "\(found.sorted())\n\(daemon.errors)" }) {
                            found = Set(try await broker.retained("#", in: directory).keys).subtracting(others.keys)
                            let all = prefixes.allSatisfy { prefix in found.contains { $0.hasPrefix(prefix + "/") } }
                            return all && found.allSatisfy { topic in prefixes.contains { topic.hasPrefix($0 + "/") } }
                        }
                        daemon.send(SIGTERM)
                        #expect(try await daemon.finish() == .exit(0))
                    }
                }
                try await run("topic: home", expecting: ["home", "homeassistant"])
                try await run("topic: home", "discovery: false", expecting: ["home"])
                try await run("topic: other/ww", expecting: ["other/ww", "homeassistant"])
                try await run("topic: other/ww", "discovery: elsewhere", expecting: ["other/ww", "elsewhere"])
                let kept = try await broker.retained("home/#", in: directory)
                #expect(kept == others)
                // Without a broker nobody takes it back, and the log has the command that does.
                try await MQTTDaemon.with(stream, in: directory) { daemon in
                    let command =
                        "watchword mqtt clear --url mqtt://127.0.0.1:\(broker.port) --topic other/ww "
                        + "--discovery elsewhere"
                    try await eventually(command, context: { daemon.errors }) { daemon.errors.contains(command) }
                }
                let words = ["mqtt", "clear", "--config", directory("watchword.yaml")]
                let places = [
                    "--url", "mqtt://127.0.0.1:\(broker.port)", "--topic", "other/ww", "--discovery", "elsewhere",
                ]
                let journal = ["WATCHWORD_EVENTS_JOURNAL": directory("events.sqlite")]
                let cleared = try await watchword(words + places, environment: journal, in: directory)
                #expect(cleared.ending == .exit(0) && cleared.output.contains("topics of other/ww/"), "\(cleared)")
                #expect(try await broker.retained("#", in: directory) == others)
                try await MQTTDaemon.with(stream, in: directory) { daemon in
                    #expect(!daemon.errors.contains("watchword mqtt clear"), "\(daemon.errors)")
                }
                let nowhere = try await watchword(words, environment: journal, in: directory)
                #expect(nowhere.ending == .exit(1) && nowhere.errors.contains("there is no broker"), "\(nowhere)")
            }
        }
    }
}
