import TestSupport
import Testing

@testable import Fleet

/// A fleet that a simulation changes: hosts of three sizes, cameras of three loads.
private struct SimulatedFleet {
    var hosts: [Placement.Host]
    var cameras: [Placement.Camera]
    var claims: [String: String] = [:]
    private var random: SeededGenerator
    private var joined: Int

    init(seed: UInt64, hosts: Int, cameras: Int) {
        var random = SeededGenerator(seed: seed)
        self.hosts = (0..<hosts).map { Self.host($0, &random) }
        self.cameras = (0..<cameras).map { Placement.Camera(name: "camera \($0)", load: 1) }
        self.random = random
        joined = hosts
    }

    private static func host(_ number: Int, _ random: inout SeededGenerator) -> Placement.Host {
        Placement.Host(name: "host \(number)", capacity: [20, 40, 80].randomElement(using: &random) ?? 20)
    }

    /// Plans and follows the plan.
    ///
    /// - Returns: how many cameras that had a host have another one now.
    @discardableResult
    mutating func follow() -> Int {
        let plan = Placement(cameras, on: hosts.shuffled(using: &random), claims: claims)
        defer { claims = plan.hosts }
        return claims.count { plan.hosts[$0.key] != $0.value }
    }

    /// The largest load of a host by its capacity, divided by the mean.
    var peak: Double {
        let capacities = Dictionary(hosts.map { ($0.name, $0.capacity) }, uniquingKeysWith: { first, _ in first })
        let loads = Dictionary(grouping: claims.values, by: \.self).map { Double($1.count) / (capacities[$0] ?? 0) }
        return (loads.max() ?? 0) / (Double(cameras.count) / capacities.values.reduce(0, +))
    }

    mutating func join() -> Placement.Host {
        let host = Self.host(joined, &random)
        joined += 1
        hosts.append(host)
        return host
    }

    /// A host leaves.
    ///
    /// - Returns: the number of its cameras.
    mutating func leave() -> Int {
        let name = hosts.remove(at: Int.random(in: hosts.indices, using: &random)).name
        return claims.values.count { $0 == name }
    }
}

@Suite("Placement")
struct PlacementTests {
    /// The figures of the table in the fleet's design: 500 cameras on 20 hosts of capacity 20, 40 or 80, 20 seeds.
    @Test("loads are even, and few cameras move", arguments: 1...20)
    func table(seed: Int) {
        var fleet = SimulatedFleet(seed: UInt64(seed), hosts: 20, cameras: 500)
        fleet.follow()
        #expect(fleet.claims.count == 500)
        #expect(fleet.peak <= 1.05)
        for _ in 0..<20 {
            let host = fleet.join()
            let fairShare = 500 * host.capacity / fleet.hosts.reduce(0) { $0 + $1.capacity }
            #expect(Double(fleet.follow()) <= 1.1 * fairShare)
            #expect(fleet.peak <= 1.05)
            let needed = fleet.leave()
            #expect(fleet.follow() == needed)
            #expect(fleet.claims.count == 500)
            #expect(fleet.peak <= 1.05)
        }
    }

    @Test("a plan that was followed changes nothing")
    func stability() {
        var fleet = SimulatedFleet(seed: 3, hosts: 7, cameras: 90)
        fleet.follow()
        #expect(fleet.follow() == 0)
    }

    @Test("a host that drains keeps what no other can take, and takes nothing")
    func draining() {
        let cameras = [Placement.Camera(name: "a", load: 1), Placement.Camera(name: "b", load: 1, model: "m")]
        let old = Placement.Host(name: "old", capacity: 10, isDraining: true, models: ["m"])
        let new = Placement.Host(name: "new", capacity: 10)
        let plan = Placement(cameras, on: [old, new], claims: ["a": "old", "b": "old"])
        #expect(plan.hosts == ["a": "new", "b": "old"])
        #expect(Placement(cameras, on: [old], claims: ["a": "old"]).hosts == ["a": "old"])
    }

    @Test("a host that is closed keeps its cameras and gets no others")
    func closed() {
        let cameras = (0..<6).map { Placement.Camera(name: "\($0)", load: 1) }
        let closed = Placement.Host(name: "closed", capacity: 100, isClosed: true)
        let open = Placement.Host(name: "open", capacity: 1)
        let plan = Placement(cameras, on: [closed, open], claims: ["0": "closed"])
        #expect(plan.cameras(of: "closed") == ["0"])
        #expect(plan.cameras(of: "open").count == 5)
    }

    @Test("a camera stays where the operator has put it, as long as that host can take it")
    func places() {
        let cameras = (0..<8).map { Placement.Camera(name: "\($0)", load: 1) }
        let hosts = ["a", "b"].map { Placement.Host(name: $0, capacity: 40) }
        let claims = Dictionary(uniqueKeysWithValues: cameras.map { ($0.name, "a") })
        let places = Dictionary(uniqueKeysWithValues: cameras.prefix(6).map { ($0.name, "b") })
        let plan = Placement(cameras, on: hosts, claims: claims, places: places)
        #expect(plan.cameras(of: "b") == cameras.prefix(6).map(\.name), "levelling moves none of them")
        #expect(Placement(cameras, on: [hosts[0]], claims: claims, places: places).cameras(of: "a").count == 8)
        let draining = Placement.Host(name: "b", capacity: 40, isDraining: true)
        #expect(Placement(cameras, on: [hosts[0], draining], claims: claims, places: places).cameras(of: "b").isEmpty)
    }

    @Test("only a host with a camera's model gets it")
    func models() {
        let cameras = (0..<6).map { Placement.Camera(name: "\($0)", load: 1, model: "m") }
        let with = Placement.Host(name: "with", capacity: 1, models: ["m", "n"])
        let without = Placement.Host(name: "without", capacity: 100, models: ["n"])
        #expect(Set(Placement(cameras, on: [with, without], claims: [:]).hosts.values) == ["with"])
        #expect(Placement(cameras, on: [without], claims: [:]).hosts.isEmpty)
    }

    @Test("a camera larger than any fair share stays where it is")
    func largeCamera() {
        let cameras = [Placement.Camera(name: "large", load: 30), Placement.Camera(name: "small", load: 1)]
        let hosts = ["a", "b"].map { Placement.Host(name: $0, capacity: 40) }
        let plan = Placement(cameras, on: hosts, claims: ["large": "a", "small": "b"])
        #expect(plan.hosts == ["large": "a", "small": "b"])
    }

    @Test("hosts without a usable capacity get nothing", arguments: [0, -1, .nan, .infinity])
    func capacities(capacity: Double) {
        let cameras = [Placement.Camera(name: "a", load: 1)]
        #expect(Placement(cameras, on: [Placement.Host(name: "h", capacity: capacity)], claims: [:]).hosts.isEmpty)
    }
}
