import Synchronization
import System
import TestSupport
import Testing
import Text

@testable import Fleet
@testable import fleetload

/// A real server on a disk that is full.
@Suite("A full disk", .serialized, .ownThread)
struct FullDiskTests {
    /// A journal to which the test adds.
    private final class Journal: Sendable {
        let records = Mutex<[OutboxRecord]>([])
        let settled = Mutex<UInt64>(0)
        let epoch = Mutex<UInt64?>(nil)

        var outbox: FleetMember.Outbox {
            FleetMember.Outbox(
                feedID: "feed",
                startingAfter: 0,
                records: { [self] number, most in
                    records.withLock { OutboxPage(Array($0.dropFirst(Int(number)).prefix(most))) }
                },
                settled: { [self] number in settled.withLock { $0 = number } }
            )
        }

        func add(epoch: UInt64) {
            records.withLock { records in
                let number = UInt64(records.count) + 1
                let body = #"{"type":"event","id":"\#(number)","stream":"gate","epoch":\#(epoch)}"#
                records.append(OutboxRecord(number: number, camera: "gate", epoch: epoch, body: body))
            }
        }
    }

    @Test(
        "records stay in the journal, the status says so, and they come once and in order when there is room",
        .enabled(if: SmallDisk.refusal == nil, "this system mounts no disk in memory")
    )
    func fullDisk() throws {
        let directory = try TemporaryDirectory()
        let disk = try SmallDisk(on: EngineCluster.store(directory.path, 0), megabytes: 32)
        let cluster = try RealEngine.cluster(in: directory, count: 1)
        let client = try EngineClient(cluster.settings, within: patience)
        #expect(try FleetSetup(client, isTrial: true).create(EngineObject.Limits(replicas: 1, bytes: 1 << 24)) == [])
        let journal = Journal()
        let member = try FleetMember(
            EngineCluster.settings(cluster.addresses, host: "a"),
            heartbeat: Heartbeat(host: "a", run: "run", capacity: 10, version: "1"),
            outbox: journal.outbox
        ) { notice in
            if case .start(_, let epoch, _) = notice { journal.epoch.withLock { $0 = epoch } }
        }
        defer { member.stop() }
        member.replace(cameras: [Placement.Camera(name: "gate", load: 1)])
        try member.start()
        try blockUntil("the camera") { journal.epoch.withLock { $0 != nil } }
        let claimed = journal.epoch.withLock { $0 }
        let epoch = try #require(claimed)
        func add() {
            journal.add(epoch: epoch)
            member.recordsArrived()
        }
        add()
        try blockUntil("the first record") { journal.settled.withLock { $0 == 1 } }

        try disk.fill()
        // The server's last page may still hold some.
        try blockUntil("a record that is not taken") {
            add()
            return member.status.trouble?.contains("acknowledge") ?? false
        }
        #expect(member.status.waiting > 0)

        // A server that could not write takes nothing until it starts again.
        cluster.kill(0)
        disk.clear()
        try cluster.start(0)
        add()
        let made = journal.records.withLock(\.count)
        try blockUntil("all records") { journal.settled.withLock { $0 == made } }
        try blockUntil("a status without trouble") { member.status.trouble == nil && member.status.waiting == 0 }
        #expect(member.status.owned == ["gate": epoch])
        var reader = FleetReader(try EngineClient(cluster.settings, within: patience), after: 0)
        var readings: [FleetReader.Reading] = []
        while readings.last != .caughtUp { readings += try reader.next(within: .seconds(1)) }
        let lines = readings.compactMap { if case .record(_, let line) = $0 { line } else { nil } }
        let found = try lines.compactMap { try JSONValue(parsing: $0)["id"]?.string }
        #expect(found == (1...made).map(String.init))
    }
}
