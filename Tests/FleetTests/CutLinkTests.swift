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
        let epoch = try #require(near.member.status.owned["gate"])
        #expect(near.member.status.claims["gate"]?.revision == epoch)
    }
}
