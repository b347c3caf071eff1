import TestSupport
import Testing

@testable import Fleet
@testable import fleetload

@Suite("The operator, with real servers", .serialized, .ownThread)
struct OperatorTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func failure(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "none"
        } catch { return "\(error)" }
    }

    /// One server with what a fleet needs.
    private func engine() throws -> EngineCluster {
        let cluster = try RealEngine.cluster(in: directory, count: 1)
        let client = try EngineClient(cluster.settings, within: patience)
        #expect(try FleetSetup(client, isTrial: true).create(EngineObject.Limits(replicas: 1, bytes: 1 << 24)) == [])
        return cluster
    }

    @Test("without the objects, each request fails with the way to make them")
    func bare() throws {
        let cluster = try RealEngine.cluster(in: directory, count: 1)
        let fleet = FleetOperator(try EngineClient(cluster.settings, within: patience))
        let failures = [
            failure { _ = try fleet.standing() }, failure { try fleet.drain("h", true) },
            failure {
                _ = try fleet.overview(servers: [], revision: nil, configured: [], listening: .zero)
            },
        ]
        #expect(failures.allSatisfy { $0.contains("run `watchword fleet init` first") }, "\(failures)")
    }

    @Test("a configuration is applied and shown; of two who saw the same revision, one wins and the other is refused")
    func apply() throws {
        let cluster = try engine()
        let operators = try (0..<2).map { _ in
            FleetOperator(try EngineClient(cluster.settings, within: patience))
        }
        let (first, second) = (operators[0], operators[1])
        let none = try first.standing()
        #expect(none.revision == nil)
        #expect(try first.revisions() == [])
        let number = try first.apply("a: 1\n", over: none, version: "1.2")
        let standing = try second.standing()
        #expect(standing.revision?.number == number && standing.revision?.text == "a: 1\n")
        #expect(standing.revision?.version == "1.2" && standing.revision?.time != nil)
        // Other keys of the bucket are no revisions.
        try second.move("door", to: "h")
        let winner = try second.apply("a: 2\n", over: standing, version: "1.3")
        let lost = failure { _ = try first.apply("a: 3\n", over: standing, version: "1.2") }
        let refusal = "another operator was faster, so nothing was written: revision \(winner) of 20"
        #expect(lost.hasPrefix(refusal), "\(lost)")
        #expect(failure { _ = try first.apply("a: 3\n", over: none, version: "1.2") }.hasPrefix("another operator"))
        #expect(try first.revisions().map(\.text) == ["a: 1\n", "a: 2\n"])
        #expect(try first.revision(number).text == "a: 1\n")
        let missing = failure { _ = try first.revision(99) }
        #expect(missing.contains("no revision 99") && missing.hasSuffix("the revisions here are \(number), \(winner)"))
        let large = String(repeating: "#", count: FleetOperator.configurationLimit + 1)
        #expect(failure { _ = try first.apply(large, over: standing, version: "1") }.contains("1000000 at most"))
        let most = String(repeating: "#", count: FleetOperator.configurationLimit)
        let last = try first.apply(most, over: try first.standing(), version: "1")
        #expect(try second.standing().revision?.number == last)
    }

    @Test("hosts and cameras are shown as they are, and as the operator wants them")
    func overview() throws {
        let cluster = try engine()
        let client = try EngineClient(cluster.settings, within: patience)
        let fleet = FleetOperator(client)
        var settings = cluster.settings
        settings.host = "node.1"
        let host = try WorkingHost(settings, camera: "door")
        defer { host.member.stop() }
        try blockUntil("the claim", context: { "\(host.member.status)" }) {
            try fleet.cameras(of: "node.1") == ["door"]
        }
        client.publish(EngineMessage(subject: FleetSubjects.late(of: "door", by: "node.1"), payload: Array("{}".utf8)))
        try fleet.drain("node.2", true)
        try fleet.move("door", to: "node.2")
        try blockUntil("the late record") {
            try client.report(of: "WATCHWORD", counting: "watchword.late.>").counts.count == 1
        }
        let overview = try blockUntil("the host is heard") {
            let overview = try fleet.overview(
                servers: ["nats://a"],
                revision: nil,
                configured: ["door", "yard"],
                listening: .seconds(2.5)
            )
            return overview.hosts.first?.heartbeat == nil ? nil : overview
        }
        #expect(overview.hosts.map(\.name) == ["node.1", "node.2"])
        #expect(overview.hosts.map(\.state) == ["alive", "lost"])
        #expect(overview.hosts.map(\.isToDrain) == [false, true] && overview.hosts.map(\.cameras) == [1, 0])
        #expect(overview.hosts.first?.heartbeat?.load == 1 && overview.hosts.first?.heartbeat?.capacity == 10)
        let (door, yard) = (overview.cameras[0], overview.cameras[1])
        #expect(door.host == "node.1" && door.place == "node.2" && door.late == 1)
        #expect(door.epoch.map { $0 > 0 } ?? false)
        #expect(door.since != nil)
        #expect(yard.host == nil && yard.epoch == nil)
        #expect(overview.engine.version?.hasPrefix("2.") ?? false)
        try fleet.drain("node.2", false)
        try fleet.move("door", to: nil)
        let after = try fleet.overview(servers: [], revision: nil, configured: [], listening: .zero)
        #expect(!after.hosts.contains { $0.isToDrain } && after.cameras.allSatisfy { $0.place == nil })
    }
}
