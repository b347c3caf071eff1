import TestSupport
import Testing

@testable import Fleet
@testable import fleetload

/// A host whose link to the servers is cut, on a real server.
@Suite("Links that are cut", .serialized, .ownThread)
struct CutLinkTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test(
        "the others take the cameras of a host that is cut off in either direction, and it leaves them when it is back",
        arguments: [[CutLink.Direction.toServer], [.toClient], [.toServer, .toClient]]
    )
    func oneWay(directions: [CutLink.Direction]) throws {
        let cluster = try RealEngine.cluster(in: directory, count: 1)
        let client = try EngineClient(cluster.settings, within: patience)
        #expect(try FleetSetup(client, isTrial: true).create(EngineObject.Limits(replicas: 1, bytes: 1 << 24)) == [])
        let port = try #require(cluster.addresses.split(separator: ":").last.flatMap { UInt16($0) })
        let link = try CutLink(to: port)
        defer { link.close() }
        func settings(_ address: String, _ host: String) -> FleetSettings {
            var settings = EngineCluster.settings(address, host: host)
            settings.rhythm = .quick
            // A host that a busy machine holds up for a moment is not missed.
            settings.rhythm.patience = .seconds(10)
            return settings
        }
        let far = try NotedHost(settings(link.address, "far"), "gate")
        defer { far.member.stop() }
        try blockUntil("its camera") { far.member.status.owned["gate"] != nil }
        let near = try NotedHost(settings(cluster.addresses, "near"), "gate")
        defer { near.member.stop() }
        try blockUntil("both hear each other") {
            far.member.status.hosts.count == 2 && near.member.status.hosts.count == 2
        }
        link.cut(Set(directions))
        try blockUntil("the other has the camera") { near.member.status.owned["gate"] != nil }
        link.heal()
        try far.wait(for: .stop(camera: "gate", owner: "near"))
        #expect(far.member.status.owned.isEmpty)
        let status = near.member.status
        let epoch = try #require(status.owned["gate"])
        #expect(status.claims["gate"]?.revision == epoch)
    }

    @Test("hosts whose heartbeats do not reach each other leave each other's cameras until one of them has gone")
    func pulsesAlone() throws {
        func user(_ name: String, deafTo other: String) -> String {
            "{ user: \(name), password: x, permissions: { subscribe: { deny: \"watchword.hb.\(other)\" } } }"
        }
        let users = ["{ user: operator, password: x }", user("a", deafTo: "b"), user("b", deafTo: "a")]
        let accounts = "accounts { FLEET { jetstream: enabled, users: [ \(users.joined(separator: ", ")) ] } }\n"
        let server = try SecuredServer(in: directory, accounts)
        func settings(_ name: String) -> FleetSettings {
            var settings = server.settings(host: name)
            (settings.user, settings.password) = (name, "x")
            settings.rhythm.patience = .seconds(10)
            return settings
        }
        let client = try EngineClient(settings("operator"), within: patience)
        #expect(try FleetSetup(client, isTrial: true).create(EngineObject.Limits(replicas: 1, bytes: 1 << 24)) == [])
        let hosts = try ["a", "b"].map { try NotedHost(settings($0), "gate", "door") }
        defer { for host in hosts { host.member.stop() } }
        try blockUntil("a camera for each") { hosts.allSatisfy { $0.member.status.owned.count == 1 } }
        let owned = hosts.map(\.member.status.owned)
        // The claims' stream has nothing but pulses meanwhile, two in 1.5 s.
        let start = try client.report(of: FleetSubjects.claimsStream).last
        try blockUntil("the pulses of twice the patience") {
            try client.report(of: FleetSubjects.claimsStream).last >= start + 27
        }
        #expect(hosts.map(\.member.status.owned) == owned)
        hosts[0].member.stop()
        try blockUntil("the camera of the one that has gone") { hosts[1].member.status.owned.count == 2 }
    }
}
