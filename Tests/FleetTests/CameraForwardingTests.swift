import Foundation
import TestSupport
import Testing

@testable import Fleet

@Suite("Forwarding")
struct CameraForwardingTests {
    private static let seeds = ProcessInfo.processInfo.environment["WATCHWORD_SEEDS"].flatMap { Int($0) } ?? 200

    /// Three hosts take a camera from each other over a network that loses and delays, and die in between.
    /// `WATCHWORD_SEEDS=1000` does that with so many seeds.
    @Test("every record comes exactly once and in order", arguments: 1...max(1, seeds))
    func exactlyOnce(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var engine = ModelEngine()
        var hosts = ["a", "b", "c"].map { ModelHost(name: $0) }
        var delayed: [[EngineMessage]] = []
        var epoch: UInt64 = 0
        for _ in 0..<600 {
            let place = Int.random(in: hosts.indices, using: &random)
            switch Int.random(in: 0..<40, using: &random) {
            case 0:
                hosts[place].stop()
                epoch += 1
                hosts[place].claim(epoch: epoch)
            case 1: hosts[place].crash(&random)
            case 2 where hosts[place].epoch != epoch: hosts[place].stop()
            case 3...9: hosts[place].record(isEnd: Bool.random(using: &random))
            case 10...13:
                if let message = delayed.indices.randomElement(using: &random) {
                    _ = engine.publish(delayed.remove(at: message))
                }
            default: hosts[place].step(&engine, &delayed, isCalm: false, &random)
            }
        }
        for message in delayed { _ = engine.publish(message) }
        var steps = 0
        while hosts.contains(where: { !$0.isIdle }), steps < 20_000 {
            for place in hosts.indices { hosts[place].step(&engine, &delayed, isCalm: true, &random) }
            steps += 1
        }
        #expect(!hosts.contains { !$0.isIdle })
        check(engine, hosts)
        checkOpenEvents(engine, hosts)
    }

    /// Each message lists the events that are open after it, with the sequences of their last messages.
    private func checkOpenEvents(_ engine: ModelEngine, _ hosts: [ModelHost]) {
        var open: [String: OpenEvents.Entry] = [:]
        for message in engine.messages {
            guard let subject = FleetSubjects.record(message.subject), !subject.isLate,
                let epoch = message.number("Watchword-Epoch"), let number = message.number("Watchword-Number"),
                let identifier = message.headers["Nats-Msg-Id"]?.split(separator: ".", maxSplits: 3).last
            else { continue }
            if identifier.hasPrefix("end.") {
                open[String(identifier.dropFirst(4))] = nil
            } else if identifier != "owner",
                let event = hosts.first(where: { $0.name == subject.host })?.records[Int(number) - 1].event
            {
                open[event.id] = event.isEnd ? nil : OpenEvents.Entry(sequence: message.sequence, epoch: epoch)
            }
            let header = message.headers["Watchword-Open"]
            #expect(OpenEvents(header: header, sequence: message.sequence, epoch: epoch).entries == open)
        }
    }

    private func check(_ engine: ModelEngine, _ hosts: [ModelHost]) {
        var found: [String: [UInt64]] = [:]
        var last: (epoch: UInt64, number: UInt64) = (0, 0)
        var owners: Set<UInt64> = []
        var ended: Set<String> = []
        for message in engine.messages {
            guard let subject = FleetSubjects.record(message.subject), let epoch = message.number("Watchword-Epoch"),
                let number = message.number("Watchword-Number"),
                let identifier = message.headers["Nats-Msg-Id"]?.split(separator: ".", maxSplits: 3).last
            else {
                Issue.record("a message lacks a header: \(message)")
                continue
            }
            if !subject.isLate {
                #expect(epoch >= last.epoch)
                if epoch != last.epoch { #expect(identifier == "owner", "an epoch begins with its owner") }
                last = (epoch, number)
            }
            if identifier == "owner" {
                #expect(!subject.isLate && owners.insert(epoch).inserted)
            } else if identifier.hasPrefix("end.") {
                #expect(!subject.isLate && ended.insert(String(identifier.dropFirst(4))).inserted)
            } else {
                #expect(identifier == String(number))
                found[subject.host, default: []].append(number)
                let event = hosts.first { $0.name == subject.host }?.records[Int(number) - 1].event
                if let event, event.isEnd, !subject.isLate { #expect(ended.insert(event.id).inserted) }
            }
        }
        for host in hosts { #expect(found[host.name] ?? [] == host.records.map(\.number)) }
    }

    @Test("a host that starts again without its journal ends what it left open under the claim that it still has")
    func lostJournal() {
        /// What the host does first, if the event's last record is of a journal.
        func steps(feed: String) -> [CameraForwarding.Step?] {
            var forwarding = CameraForwarding(camera: "gate", host: "a", feed: "new")
            forwarding.own(epoch: 4)
            var position = CameraPosition()
            (position.sequence, position.epoch, position.owner) = (10, 4, "a")
            position.open.apply(OutboxRecord.Event(id: "e1", isEnd: false), sequence: 9, epoch: 4)
            let first = forwarding.next()
            forwarding.found(position)
            let second = forwarding.next()
            let headers = [EngineMessage.Header.feed: feed]
            forwarding.fetched(StoredMessage(subject: "watchword.ev.gate.a", sequence: 9, headers: headers))
            return [first, second, forwarding.next()]
        }
        #expect(steps(feed: "new") == [.locate, .fetch(9), nil], "its own journal ends it")
        let lost = steps(feed: "old")
        guard case .publish(let publications)? = lost.last else {
            Issue.record("\(lost)")
            return
        }
        #expect(publications.map(\.content) == [.end(event: "e1", of: [])] && publications.map(\.epoch) == [4])
    }

    @Test("a new owner ends what a lost host left open, once, and not what its own journal ends")
    func orphans() {
        var random = SeededGenerator(seed: 1)
        var (engine, delayed) = (ModelEngine(), [[EngineMessage]]())
        var (a, b) = (ModelHost(name: "a"), ModelHost(name: "b"))
        func settle(_ host: inout ModelHost) {
            for _ in 0..<20 { host.step(&engine, &delayed, isCalm: true, &random) }
        }
        a.claim(epoch: 1)
        a.record(isEnd: false)
        settle(&a)
        b.claim(epoch: 2)
        settle(&b)
        b.record(isEnd: false)
        settle(&b)
        a.record(isEnd: true)
        settle(&a)
        // The same host again, with a later epoch.
        b.claim(epoch: 3)
        settle(&b)
        b.record(isEnd: true)
        settle(&b)
        let identifiers = engine.messages.compactMap { $0.headers["Nats-Msg-Id"] }
        #expect(
            identifiers == [
                "feed of a.gate=201.1.owner", "feed of a.gate=201.1.1", "feed of b.gate=201.2.owner",
                "feed of b.gate=201.2.end.a-1", "feed of b.gate=201.2.1", "feed of a.gate=201.1.2",
                "feed of b.gate=201.3.owner", "feed of b.gate=201.3.2",
            ]
        )
        #expect(
            engine.messages.map { $0.subject.hasPrefix("watchword.late.") } == [
                false, false, false, false, false, true, false, false,
            ]
        )
    }
}
