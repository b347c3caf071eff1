import Synchronization
import TestSupport
import Testing

@testable import Fleet
@testable import fleetload

/// What the engine or a host has lost, on a real server.
@Suite("Losses", .serialized, .ownThread)
struct LossTests {
    private let limits = EngineObject.Limits(replicas: 1, bytes: 1 << 24)
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("claims that are made anew go on above the epochs of the records, and hosts take over as before")
    func claims() throws {
        let cluster = try RealEngine.cluster(in: directory, count: 1)
        let client = try EngineClient(cluster.settings, within: patience)
        let setup = FleetSetup(client, isTrial: true)
        #expect(try setup.create(limits) == [])
        let hosts = try ["a", "b"].map { name in
            var settings = EngineCluster.settings(cluster.addresses, host: name)
            settings.rhythm = .quick
            // A host that a busy machine holds up for a moment is not missed.
            settings.rhythm.patience = .seconds(30)
            return try NotedHost(settings, "door", "yard")
        }
        defer { for host in hosts { host.member.stop() } }
        try blockUntil("a camera for each") { hosts.allSatisfy { $0.member.status.owned.count == 1 } }
        func epochs() -> [UInt64] { hosts.flatMap(\.member.status.owned.values) }
        let before = epochs().max() ?? 0
        try blockUntil("the records of both owners") {
            let last = try client.lastMessages(of: FleetSubjects.stream, on: FleetSubjects.allEvents)
            return last.compactMap { $0.number(EngineMessage.Header.epoch) }.contains(before)
        }
        // What is left when the disks that held them are lost.
        _ = client.ask(EngineMessage(subject: "$JS.API.STREAM.DELETE.\(FleetSubjects.claimsStream)"))
        #expect(try setup.create(limits) == [])
        try blockUntil("claims above the records", context: { "\(epochs()), not above \(before)" }) {
            epochs().count == 2 && epochs().allSatisfy { $0 > before }
        }
        try blockUntil("a camera for each again") { hosts.allSatisfy { $0.member.status.owned.count == 1 } }
        hosts[0].member.stop()
        try blockUntil("the other host's camera") { hosts[1].member.status.owned.count == 2 }
    }

    @Test(
        "a host that starts again has the receivers' marks when it is to deliver, and counts what its journal dropped"
    )
    func restart() throws {
        let cluster = try RealEngine.cluster(in: directory, count: 1)
        let client = try EngineClient(cluster.settings, within: patience)
        #expect(try FleetSetup(client, isTrial: true).create(limits) == [])
        let settings = EngineCluster.settings(cluster.addresses, host: "a")
        let mark = FleetMark(feedID: "f", seq: 17)
        let first = try NotedHost(settings)
        defer { first.member.stop() }
        first.member.replace(cameras: [.deliveries])
        try blockUntil("the deliveries") { first.member.status.delivers }
        first.member.keep(mark, of: "mqtt")
        try blockUntil("the mark") { first.member.status.marks["mqtt"] == mark }
        first.member.stop()

        let member = Mutex<FleetMember?>(nil)
        let seen = Mutex<[[String: FleetMark]?]>([])
        let outbox = FleetMember.Outbox(
            feedID: "feed",
            startingAfter: 0,
            records: { number, _ in
                var page = OutboxPage([], last: number == 0 ? 5 : nil)
                page.missed = number == 0 ? 5 : 0
                return page
            },
            settled: { _ in }
        )
        let heartbeat = Heartbeat(host: "a", run: "another", capacity: 10, version: "1")
        // As the daemon takes it: on the fleet's thread, at once.
        let second = try FleetMember(settings, heartbeat: heartbeat, outbox: outbox) { notice in
            guard case .deliver(true) = notice else { return }
            let marks = member.withLock { $0?.status.marks }
            seen.withLock { $0.append(marks) }
        }
        member.withLock { $0 = second }
        defer {
            second.stop()
            member.withLock { $0 = nil }
        }
        second.replace(cameras: [.deliveries])
        try second.start()
        try blockUntil("the deliveries again") { seen.withLock { !$0.isEmpty } }
        #expect(seen.withLock(\.self) == [["mqtt": mark]])
        try blockUntil("the missing records") { second.status.missed == 5 }
    }
}
