import Testing

@testable import Fleet

/// A keeper with a clock of its own, whose heartbeats and pulse come back unless it is cut off.
private struct Rig {
    var keeper = ClaimsKeeper(host: "me", run: "run", rhythm: FleetRhythm())
    private(set) var now = Duration.seconds(100)
    var others: [Heartbeat] = []
    var isCutOff = false
    /// Whether the watch of the claims shows anything.
    var isWatching = true

    static func heartbeat(_ host: String, isDraining: Bool = false, capacity: Double = 10) -> Heartbeat {
        Heartbeat(host: host, run: "run", capacity: capacity, isDraining: isDraining, version: "1")
    }

    /// - Parameter cameras: nil while the host does not know yet what is to be watched.
    init(cameras: [String]?) {
        if let cameras { keeper.replace(cameras: cameras.map { Placement.Camera(name: $0, load: 1) }) }
        keeper.watchBegan(at: now)
        keeper.watchCaughtUp()
    }

    /// Lets time pass in steps of a quarter of a second.
    mutating func pass(_ time: Duration) -> [ClaimsKeeper.Action] {
        var actions: [ClaimsKeeper.Action] = []
        let end = now + time
        while now < end {
            now += .milliseconds(250)
            for action in keeper.turn(at: now) {
                switch action {
                case .sendHeartbeat(let isDraining):
                    guard !isCutOff else { continue }
                    keeper.heard(Self.heartbeat("me", isDraining: isDraining), at: now)
                    for other in others { keeper.heard(other, at: now) }
                case .writePulse: if !isCutOff, isWatching { keeper.sawPulse(at: now) }
                default: actions.append(action)
                }
            }
        }
        return actions
    }
}

@Suite("Claims")
struct ClaimsKeeperTests {
    @Test("a free camera is claimed, and watched once the claim holds")
    func freeCamera() {
        var rig = Rig(cameras: ["a"])
        #expect(rig.pass(.seconds(2)) == [], "the other hosts have not been heard yet")
        #expect(rig.pass(.seconds(2)).first == .claim(camera: "a", revision: 0, reason: .unclaimed))
        rig.keeper.claimed("a", revision: 5)
        #expect(rig.pass(.seconds(10)) == [.start(camera: "a", epoch: 5, reason: .unclaimed)])
    }

    @Test("a lost race is no claim, and a claim whose answer is lost shows in the watch")
    func races() {
        var rig = Rig(cameras: ["a", "b", "c"])
        rig.others = [Rig.heartbeat("other")]
        // By the plan, b is the other's.
        let claims = ["a", "c"].map { ClaimsKeeper.Action.claim(camera: $0, revision: 0, reason: .unclaimed) }
        #expect(rig.pass(.milliseconds(3000)) == claims)
        rig.keeper.saw(camera: "a", owner: "other", revision: 7)
        rig.keeper.saw(camera: "b", owner: "other", revision: 8)
        rig.keeper.saw(camera: "c", owner: "me", revision: 9)
        #expect(rig.pass(.seconds(10)).first == .start(camera: "c", epoch: 9, reason: .unclaimed))
        #expect(rig.keeper.owned == ["c": 9])
    }

    @Test("a claim that no server takes, or whose connection was lost, is tried again in the next turn")
    func unanswered() {
        var rig = Rig(cameras: ["a"])
        let claim = ClaimsKeeper.Action.claim(camera: "a", revision: 0, reason: .unclaimed)
        #expect(rig.pass(.milliseconds(2750)) == [claim])
        #expect(rig.pass(.milliseconds(250)) == [], "its answer may still come")
        rig.keeper.unanswered("a", at: rig.now)
        #expect(rig.pass(.milliseconds(250)) == [claim])
        rig.keeper.connected()
        #expect(rig.keeper.turn(at: rig.now).prefix(1) == [.sendHeartbeat(isDraining: false)])
        rig.keeper.connected()
        #expect(rig.pass(.milliseconds(250)) == [claim])
        #expect(rig.pass(.milliseconds(750)) == [])
        #expect(rig.pass(.milliseconds(250)) == [claim])
    }

    @Test("while no server takes claims, that of one camera finds out when one does again")
    func probe() {
        var rig = Rig(cameras: ["a", "b", "c"])
        let claims = ["a", "b", "c"].map { ClaimsKeeper.Action.claim(camera: $0, revision: 0, reason: .unclaimed) }
        #expect(rig.pass(.milliseconds(2750)) == claims)
        for camera in ["a", "b", "c"] { rig.keeper.unanswered(camera, at: rig.now) }
        for _ in 0..<20 {
            #expect(rig.pass(.milliseconds(250)) == [claims[0]])
            rig.keeper.unanswered("a", at: rig.now)
        }
        #expect(rig.pass(.milliseconds(250)) == [claims[0]])
        // Another host was faster, which only a server that takes claims can say.
        rig.keeper.claimed("a", revision: nil)
        #expect(rig.pass(.milliseconds(250)) == Array(claims[1...]))
        for camera in ["b", "c"] { rig.keeper.unanswered(camera, at: rig.now) }
        // Another server may take them.
        rig.keeper.connected()
        #expect(rig.pass(.milliseconds(250)) == claims)
    }

    @Test("a heartbeat counts for the time at which it came, not for the turn in which it is read")
    func arrival() {
        var rig = Rig(cameras: ["a", "b"])
        rig.others = [Rig.heartbeat("other")]
        rig.keeper.saw(camera: "a", owner: "other", revision: 1)
        rig.keeper.saw(camera: "b", owner: "me", revision: 2)
        _ = rig.pass(.seconds(6))
        rig.others = []
        let last = rig.now + .milliseconds(500)
        #expect(rig.pass(.seconds(2)) == [])
        rig.keeper.heard(Rig.heartbeat("other"), at: last)
        #expect(rig.pass(.milliseconds(2250)) == [])
        #expect(rig.pass(.milliseconds(250)) == [.claim(camera: "a", revision: 1, reason: .hostLost("other"))])
        #expect(rig.now == last + .seconds(4))
    }

    @Test("the cameras of a host are taken once it has been silent for four seconds")
    func lostHost() {
        var rig = Rig(cameras: ["a", "b"])
        rig.others = [Rig.heartbeat("other")]
        rig.keeper.saw(camera: "a", owner: "other", revision: 1)
        rig.keeper.saw(camera: "b", owner: "me", revision: 2)
        #expect(rig.pass(.seconds(6)) == [.start(camera: "b", epoch: 2, reason: .own)])
        rig.others = []
        #expect(rig.pass(.milliseconds(3000)) == [])
        #expect(rig.pass(.milliseconds(1500)).first == .claim(camera: "a", revision: 1, reason: .hostLost("other")))
    }

    @Test("a host that does not hear itself holds nobody for dead, and goes on watching")
    func cutOff() {
        var rig = Rig(cameras: ["a", "b"])
        rig.others = [Rig.heartbeat("other")]
        rig.keeper.saw(camera: "a", owner: "other", revision: 1)
        rig.keeper.saw(camera: "b", owner: "me", revision: 2)
        _ = rig.pass(.seconds(6))
        rig.isCutOff = true
        #expect(rig.pass(.seconds(30)).allSatisfy { $0 == .watchAnew })
        #expect(rig.keeper.owned == ["b": 2])
        // Back, it gives the other host three times the patience to come back, too.
        rig.isCutOff = false
        rig.others = []
        #expect(rig.pass(.seconds(11)) == [])
        #expect(rig.pass(.seconds(3)).first == .claim(camera: "a", revision: 1, reason: .hostLost("other")))
    }

    @Test("the watch is made anew while the own pulse does not show in it")
    func silentWatch() {
        var rig = Rig(cameras: [])
        rig.isWatching = false
        #expect(rig.pass(.seconds(3)) == [])
        #expect(rig.pass(.seconds(4)) == [.watchAnew])
    }

    @Test("a camera of a living host is opened and filled first, then claimed")
    func move() {
        var rig = Rig(cameras: ["a", "b"])
        rig.others = [Rig.heartbeat("other")]
        rig.keeper.saw(camera: "a", owner: "other", revision: 1)
        rig.keeper.saw(camera: "b", owner: "other", revision: 2)
        #expect(rig.pass(.seconds(10)) == [.prepare(camera: "a", from: "other")])
        rig.keeper.ready("a")
        #expect(rig.pass(.milliseconds(250)) == [.claim(camera: "a", revision: 1, reason: .moved(from: "other"))])
        rig.keeper.saw(camera: "a", owner: "me", revision: 3)
        #expect(rig.pass(.seconds(5)) == [.start(camera: "a", epoch: 3, reason: .moved(from: "other"))])
    }

    @Test("a prepared camera is closed when the plan changes")
    func abandon() {
        var rig = Rig(cameras: ["a", "b"])
        rig.others = [Rig.heartbeat("other")]
        rig.keeper.saw(camera: "a", owner: "other", revision: 1)
        rig.keeper.saw(camera: "b", owner: "other", revision: 2)
        _ = rig.pass(.seconds(5))
        rig.others = [Rig.heartbeat("other"), Rig.heartbeat("third")]
        rig.keeper.saw(camera: "a", owner: "third", revision: 4)
        #expect(rig.pass(.seconds(1)).contains(.abandon(camera: "a")))
    }

    @Test("a host that drains keeps its cameras until another has claimed them")
    func drain() {
        var rig = Rig(cameras: ["a"])
        rig.others = [Rig.heartbeat("other")]
        rig.keeper.saw(camera: "a", owner: "me", revision: 1)
        _ = rig.pass(.seconds(5))
        rig.keeper.drain(true)
        #expect(rig.pass(.seconds(20)) == [])
        rig.keeper.saw(camera: "a", owner: "other", revision: 2)
        #expect(rig.pass(.seconds(20)) == [.stop(camera: "a", owner: "other")])
    }

    @Test("a camera of a draining host is taken even if it does not open")
    func deadCameraOfDrainingHost() {
        var rig = Rig(cameras: ["a"])
        rig.others = [Rig.heartbeat("other", isDraining: true)]
        rig.keeper.saw(camera: "a", owner: "other", revision: 1)
        #expect(rig.pass(.seconds(20)) == [.prepare(camera: "a", from: "other")])
        #expect(rig.pass(.seconds(20)).contains(.claim(camera: "a", revision: 1, reason: .moved(from: "other"))))
    }

    @Test("a camera that is configured no more is given up")
    func removedCamera() {
        var rig = Rig(cameras: ["a"])
        rig.keeper.saw(camera: "a", owner: "me", revision: 1)
        _ = rig.pass(.seconds(5))
        rig.keeper.replace(cameras: [])
        #expect(rig.pass(.milliseconds(250)) == [.release(camera: "a", revision: 1)])
        rig.keeper.saw(camera: "a", owner: nil, revision: 2)
        #expect(rig.pass(.seconds(5)) == [.stop(camera: "a", owner: nil)])
    }

    @Test("an entry that comes late does not undo a later one")
    func lateEntry() {
        var rig = Rig(cameras: ["a"])
        rig.keeper.saw(camera: "a", owner: "me", revision: 9)
        rig.keeper.saw(camera: "a", owner: "other", revision: 8)
        #expect(rig.pass(.seconds(1)) == [.start(camera: "a", epoch: 9, reason: .own)])
    }

    @Test("a host that starts keeps what it had until it knows what is to be watched")
    func unknownCameras() {
        var rig = Rig(cameras: nil)
        rig.keeper.saw(camera: "a", owner: "me", revision: 9)
        #expect(rig.pass(.seconds(10)) == [.start(camera: "a", epoch: 9, reason: .own)])
        rig.keeper.replace(cameras: [])
        #expect(rig.pass(.milliseconds(250)) == [.release(camera: "a", revision: 9)])
    }

    @Test("claims that were made anew hold, though their revisions are lower")
    func replacedClaims() {
        var rig = Rig(cameras: ["a", "b", "c"])
        rig.others = [Rig.heartbeat("other")]
        rig.keeper.saw(camera: "a", owner: "me", revision: 1871)
        rig.keeper.saw(camera: "b", owner: "other", revision: 1872)
        rig.keeper.saw(camera: "c", owner: "other", revision: 1873)
        #expect(rig.pass(.seconds(6)) == [.start(camera: "a", epoch: 1871, reason: .own)])
        rig.keeper.claimsWereReplaced()
        #expect(rig.pass(.seconds(2)) == [], "what holds is not known yet")
        rig.keeper.saw(camera: "a", owner: "other", revision: 3)
        rig.keeper.saw(camera: "b", owner: "me", revision: 4)
        rig.keeper.watchCaughtUp()
        // Nobody has claimed the third one: its last revision is none.
        let actions = rig.pass(.milliseconds(250))
        #expect(actions.prefix(2) == [.stop(camera: "a", owner: "other"), .start(camera: "b", epoch: 4, reason: .own)])
        rig.others = []
        #expect(rig.pass(.seconds(6)).contains(.claim(camera: "c", revision: 0, reason: .unclaimed)))
    }

    @Test("a changed heartbeat is sent at once")
    func changedHeartbeat() {
        var rig = Rig(cameras: [])
        _ = rig.pass(.seconds(6))
        #expect(!rig.keeper.turn(at: rig.now).contains(.sendHeartbeat(isDraining: false)))
        rig.keeper.heartbeatChanged()
        #expect(rig.keeper.turn(at: rig.now).contains(.sendHeartbeat(isDraining: false)))
    }

    @Test("another process with this host's name is noticed")
    func sameName() {
        var rig = Rig(cameras: [])
        rig.keeper.heard(Heartbeat(host: "me", run: "another", capacity: 1, version: "1"), at: rig.now)
        #expect(rig.keeper.hearing.strangers == 1)
        #expect(rig.keeper.hearing.living(at: rig.now) == [])
    }
}
