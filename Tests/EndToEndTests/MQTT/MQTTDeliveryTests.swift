import Foundation
import TestSupport
import Testing
import Text

/// A real broker, stopped and started while events flow, and a daemon that is killed and started again: the broker's
/// subscriber has every event of the journal.
@Suite(.serialized) struct MQTTDeliveryTests {
    @Test func nothingIsLostWhateverStops() async throws {
        try await TemporaryDirectory.with { directory in
            try await MosquittoBroker.with(in: directory) { broker in
                try await broker.subscribe(["watchword/#"]) { subscriber in
                    let configuration =
                        MQTTDaemon.stream("a") + MQTTDaemon.stream("b") + MQTTDaemon.section(broker.port)
                    // Killed with events open and messages under way: the broker says so in its name.
                    try await MQTTDaemon.with(configuration, in: directory) { daemon in
                        try await atLeast(6, subscriber)
                        try await broker.stop()
                        let before = try head(directory)
                        try await eventually("records while the broker is away") {
                            try head(directory) >= before + 6
                        }
                        try await broker.start()
                        try await subscriber.first("what it missed") { $0.seq.map { $0 >= before + 6 } ?? false }
                        daemon.kill()
                    }
                    try await eventually("the last will") {
                        try subscriber.messages().last { $0.topic == "watchword/status" }?.payload == "offline"
                    }
                    let killed = try subscriber.messages().compactMap(\.seq).max() ?? 0
                    let farewells = try subscriber.farewells
                    let records = try await MQTTDaemon.with(configuration, in: directory) { daemon in
                        try await subscriber.first("later events") { $0.seq.map { $0 > killed + 6 } ?? false }
                        daemon.send(SIGTERM)
                        #expect(try await daemon.finish() == .exit(0))
                        #expect(!daemon.errors.contains("no longer kept"))
                        let events = try await JournalledEvent.all(in: directory)
                        return Dictionary(uniqueKeysWithValues: events.map { ($0.seq, $0) })
                    }
                    // The farewell comes after the last event, which ended with the daemon.
                    try await eventually("the farewell") { try subscriber.farewells > farewells }
                    #expect(try subscriber.messages().last?.payload == "offline")
                    // On a busy machine the daemon may end with messages unsent. The next one sends them.
                    let last = records.keys.max()
                    if try !subscriber.messages().contains(where: { $0.seq == last }) {
                        let quiet = DaemonProcess.stream("a", "/nowhere.mp4") + MQTTDaemon.section(broker.port)
                        try await MQTTDaemon.with(quiet, in: directory) { _ in
                            _ = try await subscriber.first("the last event") { $0.seq == last }
                        }
                    }
                    try compare(subscriber.messages(), with: records)
                }
            }
        }
    }

    /// All that was told against all that was kept: the same lines, and again only what was under way as a connection broke.
    private func compare(_ messages: [MosquittoSubscriber.Message], with records: [Int64: JournalledEvent]) throws {
        let events = messages.filter { $0.topic.hasSuffix("/event") }
        #expect(events.allSatisfy { !$0.isRetained && $0.qos == 1 })
        var times: [Int64: Int] = [:]
        for event in events {
            let seq = try #require(event.seq)
            times[seq, default: 0] += 1
            #expect(records[seq]?.line == event.payload)
        }
        #expect(Set(times.keys) == Set(records.keys))
        let again = times.filter { $0.value > 1 }
        print("\(records.count) events told, \(again.count) of them again after a broken connection")
        // What may be out at a time.
        #expect(again.count <= 50, "\(again)")
        let states = messages.filter { $0.topic.hasSuffix("/state") }
        #expect(Set(states.map(\.payload)) == ["ON", "OFF"])
    }

    private func atLeast(_ count: Int, _ subscriber: MosquittoSubscriber) async throws {
        try await eventually("\(count) events", context: { subscriber.process.output }) {
            try subscriber.messages().count { $0.topic.hasSuffix("/event") } >= count
        }
    }

    private func head(_ directory: TemporaryDirectory) throws -> Int64 {
        let hello = try SocketClient.hello(of: directory.socket)
        return try #require(hello["seq_last"]?.integer)
    }
}

extension MosquittoSubscriber {
    /// How often a daemon said, or the broker said for it, that it has gone.
    fileprivate var farewells: Int {
        get throws { try messages().count { $0.topic == "watchword/status" && $0.payload == "offline" } }
    }
}

extension MosquittoSubscriber.Message {
    /// Of an event's record.
    var seq: Int64? {
        guard topic.hasSuffix("/event") else { return nil }
        return (try? JSONValue(parsing: payload))?.seq
    }
}
