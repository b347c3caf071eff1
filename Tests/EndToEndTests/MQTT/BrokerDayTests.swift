import Foundation
import TestSupport
import Testing
import Text

/// A day with a broker that is restarted every hour, as a nightly update or a small machine does it, in as much time as the
/// restarts take.
@Suite struct BrokerDayTests {
    @Test func everyRecordComesThroughTwentyFourRestarts() async throws {
        try await TemporaryDirectory.with { directory in
            try await MosquittoBroker.with(in: directory) { broker in
                // A client whose session the broker keeps, as Home Assistant's is over a short absence.
                try await broker.subscribe(["watchword/#"]) { subscriber in
                    let configuration =
                        MQTTDaemon.stream("a") + MQTTDaemon.stream("b") + MQTTDaemon.section(broker.port)
                    let last = try await MQTTDaemon.with(configuration, in: directory) { daemon in
                        for hour in 1...24 {
                            let seen = try head(directory)
                            try await subscriber.first("events of hour \(hour)") { ($0.seq ?? 0) > seen + 2 }
                            try await broker.stop()
                            let before = try head(directory)
                            try await eventually("records of hour \(hour) without a broker") {
                                try head(directory) >= before + 4
                            }
                            try await broker.start()
                            try await subscriber.first("what hour \(hour) missed") { ($0.seq ?? 0) >= before + 4 }
                        }
                        let last = try head(directory)
                        try await subscriber.first("the end of the day") { ($0.seq ?? 0) > last }
                        daemon.send(SIGTERM)
                        #expect(try await daemon.finish() == .exit(0))
                        #expect(!daemon.errors.contains("no longer kept"))
                        return last
                    }
                    // On a busy machine the daemon may end with messages unsent. The next one sends them.
                    let quiet = ["a", "b"].map {
                        MQTTDaemon.stream($0).replacing(/url: .*/, with: "url: /nowhere.mp4")
                    }
                    try await MQTTDaemon.with(quiet.joined() + MQTTDaemon.section(broker.port), in: directory) { _ in
                        try await eventually("every state's end") {
                            let states = try subscriber.messages().filter { $0.topic.hasSuffix("/state") }
                            let last = Dictionary(states.map { ($0.topic, $0.payload) }) { $1 }
                            return last.count == 4 && last.values.allSatisfy { $0 == "OFF" }
                        }
                    }
                    try await compare(subscriber.messages(), through: last, in: directory)
                }
            }
        }
    }

    /// Every record of the day came, in order, and only what was under way as the broker stopped came again.
    private func compare(
        _ messages: [MosquittoSubscriber.Message],
        through last: Int64,
        in directory: TemporaryDirectory
    ) async throws {
        let records = try await JournalledEvent.all(in: directory).filter { $0.seq <= last }
        var times: [Int64: Int] = [:]
        var order: [Int64] = []
        for event in messages where event.topic.hasSuffix("/event") {
            #expect(!event.isRetained && event.qos == 1)
            let seq = try #require(event.seq)
            if times[seq] == nil { order.append(seq) }
            times[seq, default: 0] += 1
        }
        #expect(order == order.sorted())
        #expect(order.filter { $0 <= last } == records.map(\.seq))
        let again = times.values.reduce(0) { $0 + $1 - 1 }
        print("\(records.count) records over 24 restarts, \(again) of them again")
        #expect(again <= 24 * 50)
        // The recorder writes a state down when it changes. The last one of each label is the truth.
        for topic in Set(messages.map(\.topic)) where topic.hasSuffix("/state") {
            let states = messages.filter { $0.topic == topic }
            #expect(states.allSatisfy { ["ON", "OFF"].contains($0.payload) })
            #expect(states.last?.payload == "OFF", "\(topic) after the daemon has ended all events")
        }
    }

    private func head(_ directory: TemporaryDirectory) throws -> Int64 {
        let hello = try SocketClient.hello(of: directory.socket)
        return try #require(hello["seq_last"]?.integer)
    }
}
