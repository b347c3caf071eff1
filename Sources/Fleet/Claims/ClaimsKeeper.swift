package import Text

/// Decides what this host claims, watches and leaves: a state machine without sockets and clocks.
///
/// The engine settles every race: a claim is a compare-and-set, and what the watch of the claims shows is what holds.
/// So a view that is out of date costs a lost race and nothing else.
package struct ClaimsKeeper {
    /// What the owner is to do.
    package enum Action: Sendable, Equatable {
        case sendHeartbeat(isDraining: Bool)
        case writePulse
        /// The watch of the claims is silent, so it is to be made anew.
        case watchAnew
        /// Set the claim if `revision` is still its last one.
        case claim(camera: String, revision: UInt64, reason: Reason)
        /// Give the camera up if `revision` is still the claim's last one.
        case release(camera: String, revision: UInt64)
        /// Open the camera and fill its window, to take it from the living host that has it. `ready` reports the end.
        case prepare(camera: String, from: String)
        /// Close a camera that was being prepared.
        case abandon(camera: String)
        /// Watch the camera: it is this host's with this epoch.
        case start(camera: String, epoch: UInt64, reason: Reason)
        /// Stop watching the camera: it is another's, or nobody's.
        case stop(camera: String, owner: String?)
    }

    /// Why a camera comes to this host.
    package enum Reason: Sendable, Equatable {
        /// Nobody had it.
        case unclaimed
        /// Its host has failed.
        case hostLost(String)
        /// This host has more room.
        case moved(from: String)
        /// This host had it before its restart.
        case own
    }

    private enum Preparation {
        case opening(since: Duration)
        case ready
    }

    /// How long a camera of a host that drains may take to open before it is taken as it is.
    private static let openingLimit = Duration.seconds(30)

    let host: String
    private let rhythm: FleetRhythm
    private(set) var hearing: Hearing
    private(set) var view = ClaimsView()
    private var cameras: [Placement.Camera] = []
    /// The names of `cameras`; nil until it is known what is to be watched.
    private var known: Set<String>?
    /// The hosts that the operator has given cameras to.
    private var places: [String: String] = [:]
    private var isDraining = false
    /// The cameras that this host watches, with their epochs.
    private(set) var owned: [String: UInt64] = [:]
    private var preparations: [String: Preparation] = [:]
    /// The claims under way, with their reason and when they are tried again.
    private var attempts: [String: (reason: Reason, until: Duration)] = [:]
    /// Whether no server took the last claim that has had its answer.
    private var isUnanswered = false
    private var nextHeartbeat = Duration.zero
    private var nextPulse = Duration.zero
    private var plan: (inputs: PlanInputs, cameras: [String])?

    /// - Parameters:
    ///   - host: this host's name.
    ///   - run: names this run of the program.
    ///   - rhythm: of the fleet.
    package init(host: String, run: String, rhythm: FleetRhythm) {
        self.host = host
        self.rhythm = rhythm
        hearing = Hearing(host: host, run: run, rhythm: rhythm)
    }

    /// The frames per second of the cameras that this host watches.
    var load: Double { cameras.reduce(0) { $0 + (owned[$1.name] == nil ? 0 : $1.load) } }

    // MARK: - What happens

    /// - Parameter time: when it came, which may be before the last turn.
    package mutating func heard(_ heartbeat: Heartbeat, at time: Duration) { hearing.hear(heartbeat, at: time) }

    /// Sets what is to be watched.
    package mutating func replace(cameras: [Placement.Camera]) {
        self.cameras = cameras
        known = Set(cameras.map(\.name))
    }

    /// The others are to hear this host at once.
    package mutating func heartbeatChanged() { nextHeartbeat = .zero }

    /// Begins or ends to give up what this host has.
    package mutating func drain(_ isDraining: Bool) {
        self.isDraining = isDraining
        heartbeatChanged()
    }

    /// The operator gives a camera to a host, or leaves it to the plan.
    package mutating func place(_ camera: String, on host: String?) { places[camera] = host }

    /// A prepared camera's window is full.
    package mutating func ready(_ camera: String) {
        if preparations[camera] != nil { preparations[camera] = .ready }
    }

    /// Whether the camera of a living host may be claimed; prepares it first.
    private mutating func isPrepared(_ camera: String, of owner: String, at now: Duration, _ actions: inout [Action])
        -> Bool
    {
        switch preparations[camera] {
        case .ready: return true
        case .opening(let since): return hearing.isDraining(owner) && now - since >= Self.openingLimit
        case nil:
            preparations[camera] = .opening(since: now)
            actions.append(.prepare(camera: camera, from: owner))
            return false
        }
    }

    /// The watch of the claims begins anew with the last entry of each key.
    package mutating func watchBegan(at now: Duration) { view.sign(at: now) }

    /// The claims were made anew, with revisions from the beginning: what was seen before says nothing about them.
    package mutating func claimsWereReplaced() { view.forget() }

    /// The watch has shown every entry that there was when it began.
    package mutating func watchCaughtUp() { view.catchUp() }

    /// The watch shows an entry.
    ///
    /// - Parameter time: when the claim was set, for people; nil if that is not known.
    package mutating func saw(camera: String, owner: String?, revision: UInt64, since time: UTCTime? = nil) {
        view.set(camera, owner: owner, revision: revision, since: time)
    }

    /// The watch shows this host's own pulse.
    package mutating func sawPulse(at now: Duration) { view.sign(at: now) }

    /// A claim was answered.
    ///
    /// - Parameter revision: nil if it was not set, since another host was faster, or a server refuses it. If the camera
    ///   is still to be claimed by what the watch shows, that is tried a heartbeat after the last time.
    package mutating func claimed(_ camera: String, revision: UInt64?) {
        isUnanswered = false
        if let revision { view.set(camera, owner: host, revision: revision) }
    }

    /// No server took the claim, as while none leads, or its answer is lost. It is tried again in the next turn that
    /// comes by itself, but not in one that news brings at once: an eighth of a heartbeat lies between the two.
    ///
    /// A request that has waited for its answer in vain may be older than one that is still under way. The claim is
    /// then tried once more than needed, which costs nothing else: it names the revision that it replaces.
    package mutating func unanswered(_ camera: String, at now: Duration) {
        isUnanswered = true
        attempts[camera]?.until = now + rhythm.heartbeat / 8
    }

    /// A connection was made anew: nothing that was under way will be answered, and the others are to hear this host at once.
    package mutating func connected() {
        isUnanswered = false
        for camera in attempts.keys { attempts[camera]?.until = .zero }
        heartbeatChanged()
    }

    // MARK: - What follows

    /// What is to be done now. Call it after a claim was set or seen and after `ready`, and every `rhythm.heartbeat` / 4.
    package mutating func turn(at now: Duration) -> [Action] {
        var actions = due(now)
        guard view.isComplete else { return actions }
        follow(&actions)
        // A host that has just started keeps what it had until it knows what is to be watched.
        guard hearing.isSettled(at: now), let known else { return actions }
        pursue(known, &actions, at: now)
        return actions
    }

    private mutating func due(_ now: Duration) -> [Action] {
        var actions: [Action] = []
        if now >= nextHeartbeat {
            actions.append(.sendHeartbeat(isDraining: isDraining))
            nextHeartbeat = now + rhythm.heartbeat
            hearing.forget(before: now - .seconds(3600))
        }
        if now >= nextPulse {
            actions.append(.writePulse)
            nextPulse = now + rhythm.pulse
        }
        if view.isStale(at: now, patience: rhythm.patience) {
            actions.append(.watchAnew)
            view.sign(at: now)
        }
        return actions
    }

    /// Watches what the claims say is this host's, and nothing else.
    private mutating func follow(_ actions: inout [Action]) {
        for (camera, epoch) in owned.sorted(by: { $0.key < $1.key }) {
            let claim = view.claims[camera]
            guard claim?.owner != host || claim?.revision != epoch else { continue }
            owned[camera] = nil
            actions.append(.stop(camera: camera, owner: claim?.owner))
        }
        // Only news is sorted: this runs several times a second over all claims of the fleet.
        let news = view.claims.filter { $0.value.owner == host && owned[$0.key] == nil }
        for (camera, claim) in news.sorted(by: { $0.key < $1.key }) {
            let reason = attempts.removeValue(forKey: camera)?.reason ?? .own
            owned[camera] = claim.revision
            preparations[camera] = nil
            actions.append(.start(camera: camera, epoch: claim.revision, reason: reason))
        }
    }

    /// Works towards the plan.
    private mutating func pursue(_ known: Set<String>, _ actions: inout [Action], at now: Duration) {
        // While no server takes claims, one is enough to find out when one does again.
        var left = isUnanswered ? 1 : Int.max
        let wanted = planned(at: now)
        for camera in preparations.keys.sorted() where !wanted.contains(camera) {
            preparations[camera] = nil
            attempts[camera] = nil
            actions.append(.abandon(camera: camera))
        }
        for camera in wanted where owned[camera] == nil {
            let claim = view.claims[camera]
            var reason = Reason.unclaimed
            if let owner = claim?.owner {
                if hearing.isAlive(owner, at: now) {
                    guard isPrepared(camera, of: owner, at: now, &actions) else { continue }
                    reason = .moved(from: owner)
                } else {
                    reason = .hostLost(owner)
                }
            }
            guard isDue(camera, because: reason, at: now, &left) else { continue }
            actions.append(.claim(camera: camera, revision: claim?.revision ?? 0, reason: reason))
        }
        for (camera, epoch) in owned.sorted(by: { $0.key < $1.key }) where !known.contains(camera) {
            guard isDue(camera, because: .own, at: now, &left) else { continue }
            actions.append(.release(camera: camera, revision: epoch))
        }
    }

    /// Whether a claim of a camera may be set now, which is noted.
    private mutating func isDue(
        _ camera: String,
        because reason: Reason,
        at now: Duration,
        _ left: inout Int
    ) -> Bool {
        guard left > 0, attempts[camera].map({ $0.until <= now }) ?? true else { return false }
        left -= 1
        attempts[camera] = (reason, now + rhythm.heartbeat)
        return true
    }

    private mutating func planned(at now: Duration) -> [String] {
        let living = hearing.living(at: now).map(\.placementHost)
        let inputs = PlanInputs(cameras: cameras, living: living, claims: view.version, places: places)
        if let plan, plan.inputs == inputs { return plan.cameras }
        let claims = view.claims.compactMapValues(\.owner)
        let planned = Placement(cameras, on: living, claims: claims, places: places).cameras(of: host)
        plan = (inputs, planned)
        return planned
    }
}

private struct PlanInputs: Equatable {
    var cameras: [Placement.Camera]
    var living: [Placement.Host]
    /// Their version.
    var claims: Int
    var places: [String: String]
}
