import TestSupport
import Testing

@testable import Fleet

/// Hosts, and an engine that keeps their claims, with a clock of their own.
private struct ModelFleet {
    private struct Host {
        var keeper: ClaimsKeeper
        var nextTurn: Duration
        /// When its connection is lost; nil if it stays.
        var losesAt: Duration?
        /// When it is connected again; nil while it is.
        var connectsAt: Duration?
        /// The answers that are on their way to it; without a revision if none leads the claims.
        var answers: [(time: Duration, camera: String, revision: UInt64?)] = []
    }

    private static let step = Duration.milliseconds(10)
    /// From a request to its answer.
    private static let way = Duration.milliseconds(50)

    private(set) var now = Duration.seconds(100)
    /// When a host last began to watch a camera.
    private(set) var started: [String: Duration] = [:]
    private var hosts: [String: Host] = [:]
    private var claims: [String: (owner: String, revision: UInt64)] = [:]
    private var lastRevision: UInt64 = 0
    private var leadsAt = Duration.zero
    private var random: SeededGenerator

    init(hosts names: [String], cameras count: Int, seed: Int) {
        random = SeededGenerator(seed: UInt64(seed))
        let cameras = (0..<count).map { Placement.Camera(name: "cam \($0)", load: 1) }
        for (place, camera) in cameras.enumerated() {
            lastRevision += 1
            claims[camera.name] = (names[place % names.count], lastRevision)
        }
        for name in names {
            var keeper = ClaimsKeeper(host: name, run: "run", rhythm: FleetRhythm())
            keeper.replace(cameras: cameras)
            keeper.watchBegan(at: now)
            for (camera, claim) in claims { keeper.saw(camera: camera, owner: claim.owner, revision: claim.revision) }
            keeper.watchCaughtUp()
            let phase = Duration.milliseconds(Int.random(in: 0..<1000, using: &random))
            hosts[name] = Host(keeper: keeper, nextTurn: now + phase)
        }
    }

    func cameras(of host: String) -> [String] { claims.filter { $0.value.owner == host }.map(\.key) }

    /// A host dies, and none leads the claims for a time, in which each other host once loses its connection.
    mutating func lose(_ host: String, noLeaderFor time: Duration) {
        hosts[host] = nil
        leadsAt = now + time
        for name in hosts.keys.sorted() { hosts[name]?.losesAt = now + time * Double.random(in: 0..<1, using: &random) }
    }

    mutating func pass(_ time: Duration) {
        let end = now + time
        while now < end {
            now += Self.step
            for name in hosts.keys.sorted() { turn(name) }
        }
    }

    private mutating func turn(_ name: String) {
        guard var host = hosts[name] else { return }
        defer { hosts[name] = host }
        if let time = host.losesAt, time <= now {
            (host.losesAt, host.connectsAt, host.answers) = (nil, now + .milliseconds(300), [])
        }
        if let time = host.connectsAt {
            guard time <= now else { return }
            host.connectsAt = nil
            host.keeper.connected()
            host.nextTurn = now
        }
        for answer in host.answers where answer.time <= now {
            if let revision = answer.revision {
                host.keeper.claimed(answer.camera, revision: revision)
                host.nextTurn = now
            } else {
                host.keeper.unanswered(answer.camera, at: now)
            }
        }
        host.answers.removeAll { $0.time <= now }
        guard now >= host.nextTurn else { return }
        host.nextTurn = now + .milliseconds(250)
        for action in host.keeper.turn(at: now) { take(action, of: name, &host) }
    }

    private mutating func take(_ action: ClaimsKeeper.Action, of name: String, _ host: inout Host) {
        switch action {
        case .sendHeartbeat:
            let heartbeat = Heartbeat(host: name, run: "run", capacity: 10, version: "1")
            host.keeper.heard(heartbeat, at: now)
            for other in hosts.keys where other != name && hosts[other]?.connectsAt == nil {
                hosts[other]?.keeper.heard(heartbeat, at: now)
            }
        case .writePulse: if now >= leadsAt { host.keeper.sawPulse(of: name, at: now) }
        case .claim(let camera, let revision, _):
            guard now >= leadsAt else { return host.answers.append((now + Self.way, camera, nil)) }
            guard claims[camera]?.revision == revision else { return }
            lastRevision += 1
            claims[camera] = (name, lastRevision)
            host.answers.append((now + Self.way, camera, lastRevision))
            for other in hosts.keys where other != name {
                hosts[other]?.keeper.saw(camera: camera, owner: name, revision: lastRevision)
            }
        case .start(let camera, _, _): started[camera] = now
        default: break
        }
    }
}

@Suite("Takeover")
struct TakeoverTests {
    @Test("the cameras of a lost host have others as soon as the claims have a leader again", arguments: 1...50)
    func hostAndLeader(seed: Int) {
        var fleet = ModelFleet(hosts: ["a", "b", "c", "d", "e"], cameras: 40, seed: seed)
        fleet.pass(.seconds(6))
        let cameras = fleet.cameras(of: "e")
        // NATS elects another leader after 4 to 9 s.
        let election = Duration.milliseconds(4000 + 100 * seed)
        let loss = fleet.now
        fleet.lose("e", noLeaderFor: election)
        fleet.pass(.seconds(15))
        let times = cameras.compactMap { fleet.started[$0] }.filter { $0 > loss }.map { $0 - loss }
        #expect(cameras.count == 8 && times.count == 8)
        #expect(times.allSatisfy { $0 <= election + .milliseconds(500) }, "\(times)")
        #expect(fleet.cameras(of: "e").isEmpty)
    }
}
