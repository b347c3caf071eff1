import TestSupport
import Testing

@testable import Fleet
@testable import fleetload

/// What real servers make of batches, which a host's backlog is sent in.
@Suite("Batches on real servers", .serialized, .ownThread)
struct RealBatchTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("of eight hosts one wins each race with its whole batch, and nothing is stored of the others")
    func races() throws {
        let cluster = try RealEngine.cluster(in: directory)
        try cluster.prepare(within: patience)
        let clients = try (0..<8).map { _ in try EngineClient(cluster.settings, within: patience) }
        let reader = try EngineClient(cluster.settings, within: patience)
        var position = CameraPosition()
        var before = try reader.lastRecord().seq
        var (rounds, round) = (0, UInt64(0))
        while rounds < 50 {
            round += 1
            let subjects: [String] = zip(clients, 0...).map { client, host in
                let contents = (UInt64(1)...3).map { place in
                    let number = round * 3 + place
                    let event = OutboxRecord.Event(id: "e\(number)", isEnd: place == 2)
                    return Publication.Content.record(
                        OutboxRecord(number: number, camera: "yard", epoch: 1, body: "{}", event: event)
                    )
                }
                let messages = Publication.batch(contents, of: "yard", epoch: 1, after: position).map {
                    $0.message(host: "host \(host)", feed: "f\(host)", body: Array("{}".utf8))
                }
                let subject = client.subject("round-\(round)")
                for message in EngineMessage.batch(messages, named: "b.\(host).\(round)", reply: subject) {
                    client.publish(message)
                }
                return subject
            }
            let outcomes = zip(clients, subjects).map { PublishOutcome($0.answer(on: $1)) }
            let winners = outcomes.compactMap { if case .stored(let sequence) = $0 { sequence } else { nil } }
            // On a busy machine a server's answer may be lost, and with it who has won.
            if outcomes.contains(where: \.isUnknown) {
                let last = try blockUntil("the last record") { try? reader.lastRecord().seq }
                #expect(winners.count <= 1 && (last == before || last == before + 3), "\(outcomes)")
                (position.sequence, before) = (last, last)
                continue
            }
            rounds += 1
            #expect(winners.count == 1 && outcomes.count { $0 == .wrongSequence } == 7, "\(outcomes)")
            let last: UInt64 = try #require(winners.first)
            #expect(last == before + 3, "nothing of the other batches is stored")
            let stored: [StoredMessage] = try (last - 2...last).map { try message(at: $0, reader) }
            #expect(Set(stored.map(\.subject)).count == 1)
            #expect(stored.map { $0.number("Watchword-Number") } == (1...3).map { round * 3 + $0 })
            let open = OpenEvents(header: stored[2].headers["Watchword-Open"], sequence: last, epoch: 1).entries
            #expect(open["e\(round * 3 + 1)"]?.sequence == last - 2 && open["e\(round * 3 + 3)"]?.sequence == last)
            (position.sequence, before) = (last, last)
        }
    }

    @Test("a batch with a hole is refused; one whose messages are known is a duplicate")
    func holes() throws {
        let cluster = try RealEngine.cluster(in: directory)
        try cluster.prepare(within: patience)
        let (first, second) = (
            try EngineClient(cluster.settings, within: patience), try EngineClient(cluster.settings, within: patience)
        )
        var position = CameraPosition()
        func send(_ client: EngineClient, _ name: String, _ change: (inout [EngineMessage]) -> Void) -> PublishOutcome {
            let contents = [UInt64(900), 901, 902].map { number in
                Publication.Content.record(OutboxRecord(number: number, camera: "yard", epoch: 1, body: "{}"))
            }
            let plain = Publication.batch(contents, of: "yard", epoch: 1, after: position)
                .map { $0.message(host: "host 9", feed: "f9", body: Array("{}".utf8)) }
            var messages = EngineMessage.batch(plain, named: name, reply: client.subject(name))
            change(&messages)
            for message in messages { client.publish(message) }
            return PublishOutcome(client.answer(on: client.subject(name)))
        }
        // A message in the midst is lost.
        guard case .refused = send(first, "hole", { $0.remove(at: 1) }) else {
            Issue.record("a batch with a hole is accepted")
            return
        }
        #expect(try first.lastRecord().seq == 0)
        #expect(send(second, "whole", { _ in }) == .stored(sequence: 3))
        // The same records once more, as after a doubt.
        position.sequence = 3
        #expect(send(first, "again", { _ in }) == .duplicate)
        #expect(try first.lastRecord().seq == 3)
    }

    private func message(at sequence: UInt64, _ client: EngineClient) throws -> StoredMessage {
        guard case .value(let value) = client.ask(EngineRequests.message("WATCHWORD", at: sequence)) else {
            throw WaitedInVain(description: "no message \(sequence)")
        }
        return try #require(StoredMessage(value))
    }
}
