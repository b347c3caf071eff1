import Synchronization
import System
import TestSupport
import Testing
import Text

@testable import Fleet
@testable import fleetload

/// What one host does for all, on a real server.
@Suite("Deliveries", .serialized, .ownThread)
struct DeliveryClaimTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func cluster() throws -> EngineCluster {
        let cluster = try RealEngine.cluster(in: directory, count: 1)
        let client = try EngineClient(cluster.settings, within: patience)
        #expect(try FleetSetup(client, isTrial: true).create(EngineObject.Limits(replicas: 1, bytes: 1 << 24)) == [])
        return cluster
    }

    @Test("one host delivers; the next one knows how far it came")
    func takeover() throws {
        let cluster = try cluster()
        let hosts = try ["a", "b"].map { name in
            var settings = EngineCluster.settings(cluster.addresses, host: name)
            settings.rhythm = .quick
            // A host that a busy machine holds up for a moment is not missed.
            settings.rhythm.patience = .seconds(30)
            return try NotedHost(settings)
        }
        defer { for host in hosts { host.member.stop() } }
        for host in hosts { host.member.replace(cameras: [.deliveries]) }
        try blockUntil("a host that delivers") { hosts.contains { $0.member.status.delivers } }
        let first = try #require(hosts.first { $0.member.status.delivers })
        let second = try #require(hosts.first { $0 !== first })
        let mark = FleetMark(feedID: "f", seq: 17)
        first.member.keep(mark, of: "webhook-alarm")
        for host in hosts { try blockUntil("the mark") { host.member.status.marks["webhook-alarm"] == mark } }
        // Only the host that delivers keeps marks.
        second.member.keep(FleetMark(feedID: "f", seq: 3), of: "webhook-alarm")
        first.member.stop()
        try second.wait(for: .deliver(true))
        #expect(second.member.status.marks["webhook-alarm"] == mark)
        #expect(second.member.status.deliverer?.owner == second.member.settings.host)
        #expect(second.member.status.claims.isEmpty && second.member.status.owned.isEmpty)
        let next = FleetMark(feedID: "f", seq: 18)
        second.member.keep(next, of: "webhook-alarm")
        try blockUntil("its own mark") { second.member.status.marks["webhook-alarm"] == next }
    }

    @Test("a record that is too large is passed over, with a notice, and the state of the cameras is found")
    func refusal() throws {
        let cluster = try cluster()
        let records = Mutex<[OutboxRecord]>([])
        let notices = Mutex<[FleetMember.Notice]>([])
        let outbox = FleetMember.Outbox(
            feedID: "feed",
            startingAfter: 0,
            records: { number, most in records.withLock { OutboxPage(Array($0.dropFirst(Int(number)).prefix(most))) } },
            settled: { _ in }
        )
        let settings = EngineCluster.settings(cluster.addresses, host: "a")
        let heartbeat = Heartbeat(host: "a", run: "run", capacity: 10, version: "1")
        let member = try FleetMember(settings, heartbeat: heartbeat, outbox: outbox) { notice in
            notices.withLock { $0.append(notice) }
            guard case .start(_, let epoch, _) = notice else { return }
            // Servers take 1 MB by default.
            let text = String(repeating: "x", count: 2_000_000)
            let made = [
                OutboxRecord(
                    number: 1,
                    camera: "gate",
                    epoch: epoch,
                    body: #"{"type":"stream","stream":"gate","state":"online"}"#
                ),
                OutboxRecord(number: 2, camera: "gate", epoch: epoch, body: #"{"type":"event","text":"\#(text)"}"#),
                OutboxRecord(
                    number: 3,
                    camera: "gate",
                    epoch: epoch,
                    body: #"{"type":"event","stream":"gate","id":"e1","state":"started"}"#,
                    event: OutboxRecord.Event(id: "e1", isEnd: false)
                ),
            ]
            records.withLock { $0 = made }
        }
        defer { member.stop() }
        member.replace(cameras: [Placement.Camera(name: "gate", load: 1)])
        try member.start()
        try blockUntil("the record after it") { member.status.forwarded == 2 }
        #expect(member.status.refused == 1 && member.status.waiting == 0)
        #expect(notices.withLock { $0.contains { if case .refused("gate", _) = $0 { true } else { false } } })
        let client = try EngineClient(cluster.settings, within: patience)
        var reader = FleetReader(client, after: 0)
        var lines: [JSONValue] = []
        try blockUntil("the feed") {
            for case .record(_, let line) in (try? reader.next(within: .milliseconds(100))) ?? [] {
                lines.append((try? JSONValue(parsing: line)) ?? .null)
            }
            return lines.count == 4
        }
        #expect(lines.map { $0["type"]?.string } == ["owner", "stream", "refused", "event"])
        #expect(lines[2]["stream"] == "gate" && lines[2]["host_seq"] == 2)
        #expect(lines[2]["bytes"]?.integer ?? 0 > 2_000_000)
        let snapshot = try client.snapshot()
        #expect(snapshot.seq == 4 && snapshot.open.count == 1 && snapshot.streams.count == 1)
        #expect(snapshot.open.first?.contains(#""id":"e1""#) == true)
        #expect(snapshot.streams.first?.contains(#""state":"online""#) == true)
    }
}
