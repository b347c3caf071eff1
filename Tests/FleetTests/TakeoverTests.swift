import TestSupport
import Testing

@testable import Fleet

/// Hosts, and an engine that keeps their claims, with a clock of their own. A host takes its turns by the rule of
/// `MemberLoop`: news wakes it, and so does its next turn, but not within a moment of the last time.
private struct ModelFleet {
    private enum News {
        case connected
        /// What became of its claim.
        case answer(PublishOutcome, camera: String)
        /// Another host's claim.
        case claim(camera: String, owner: String, revision: UInt64)
    }

    private struct Host {
        var keeper: ClaimsKeeper
        /// When it was last awake.
        var woken = Duration.zero
        var nextTurn: Duration
        /// When its connection is lost; nil if it stays.
        var losesAt: Duration?
        /// When it is connected again; nil while it is.
        var connectsAt: Duration?
        /// What is on its way to it.
        var news: [(time: Duration, news: News)] = []
    }

    private static let step = Duration.milliseconds(10)
    /// From a request to its answer.
    private static let way = Duration.milliseconds(50)
    private static let moment = Duration.milliseconds(100)

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
            (host.losesAt, host.connectsAt) = (nil, now + .milliseconds(300))
            host.news.removeAll { if case .answer = $0.news { true } else { false } }
        }
        if let time = host.connectsAt {
            guard time <= now else { return }
            host.connectsAt = nil
            host.news.append((now, .connected))
        }
        let news = host.news.filter { $0.time <= now }
        guard !news.isEmpty || host.nextTurn <= now, host.woken + Self.moment <= now else { return }
        host.woken = now
        host.news.removeAll { $0.time <= now }
        var isDue = host.nextTurn <= now
        for (_, news) in news where take(news, &host.keeper) { isDue = true }
        guard isDue else { return }
        if host.nextTurn <= now { host.nextTurn = now + .milliseconds(250) }
        for action in host.keeper.turn(at: now) { take(action, of: name, &host) }
    }

    /// Whether the keeper is to look at it before its next turn is due.
    private func take(_ news: News, _ keeper: inout ClaimsKeeper) -> Bool {
        switch news {
        case .connected: keeper.connected()
        case .answer(.stored(let revision), let camera): keeper.claimed(camera, revision: revision)
        case .answer(.unknown, let camera):
            keeper.unanswered(camera, at: now)
            return false
        case .answer(_, let camera): keeper.claimed(camera, revision: nil)
        case .claim(let camera, let owner, let revision): keeper.saw(camera: camera, owner: owner, revision: revision)
        }
        return true
    }

    private mutating func take(_ action: ClaimsKeeper.Action, of name: String, _ host: inout Host) {
        switch action {
        case .sendHeartbeat:
            let heartbeat = Heartbeat(host: name, run: "run", capacity: 10, version: "1")
            host.keeper.heard(heartbeat, at: now)
            for other in hosts.keys where other != name && hosts[other]?.connectsAt == nil {
                hosts[other]?.keeper.heard(heartbeat, at: now)
            }
        case .writePulse: if now >= leadsAt { host.keeper.sawPulse(at: now) }
        case .claim(let camera, let revision, _):
            let outcome = answer(to: name, claiming: camera, after: revision)
            host.news.append((now + Self.way, .answer(outcome, camera: camera)))
        case .start(let camera, _, _): started[camera] = now
        default: break
        }
    }

    private mutating func answer(to host: String, claiming camera: String, after revision: UInt64) -> PublishOutcome {
        guard now >= leadsAt else { return .unknown("no server takes the request now") }
        guard claims[camera]?.revision == revision else { return .wrongSequence }
        lastRevision += 1
        claims[camera] = (host, lastRevision)
        let news = News.claim(camera: camera, owner: host, revision: lastRevision)
        for other in hosts.keys where other != host { hosts[other]?.news.append((now + Self.way, news)) }
        return .stored(sequence: lastRevision)
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
