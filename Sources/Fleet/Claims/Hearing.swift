/// Which hosts are alive, as heard from here. A host that hears itself no more hears nobody, and so holds nobody for dead.
struct Hearing {
    private let rhythm: FleetRhythm
    private let host: String
    private let run: String
    private var heard: [String: (heartbeat: Heartbeat, time: Duration)] = [:]
    /// When this host last heard itself.
    private var echo: Duration?
    /// Since when this host has heard itself without interruption.
    private(set) var since: Duration?
    /// How much longer the others may take. After the whole engine was away, hosts come back one after the other, and no
    /// claim is to move for that.
    private var grace = Duration.zero
    /// The heartbeats with this host's name and another run.
    private(set) var strangers = 0

    init(host: String, run: String, rhythm: FleetRhythm) {
        self.host = host
        self.run = run
        self.rhythm = rhythm
    }

    mutating func hear(_ heartbeat: Heartbeat, at time: Duration) {
        if heartbeat.host == host {
            guard heartbeat.run == run else {
                strangers += 1
                return
            }
            let silence = echo.map { time - $0 } ?? .zero
            if echo == nil || silence > rhythm.hearing {
                since = time
                grace = silence >= rhythm.patience ? rhythm.patience * 2 : .zero
            }
            echo = time
        }
        heard[heartbeat.host] = (heartbeat, time)
    }

    /// Whether this host hears itself, and has for long enough to have heard every living host.
    func isSettled(at now: Duration) -> Bool {
        guard let echo, let since else { return false }
        return now - echo <= rhythm.hearing && now - since >= rhythm.heartbeat * 2.5
    }

    /// Whether a host is alive, or may be: one that was silent while this host was deaf has its patience still to come.
    func isAlive(_ other: String, at now: Duration) -> Bool {
        guard let since else { return true }
        if let last = heard[other]?.time, last >= since { return now - last < rhythm.patience }
        return now - since < rhythm.patience + grace
    }

    /// Whether a host has reported that it gives up its cameras.
    func isDraining(_ other: String) -> Bool { heard[other]?.heartbeat.isDraining ?? false }

    /// The heartbeats of the hosts that are alive.
    func living(at now: Duration) -> [Heartbeat] {
        heard.values.filter { isAlive($0.heartbeat.host, at: now) }.map(\.heartbeat).sorted { $0.host < $1.host }
    }

    /// Forgets hosts that have been silent for long.
    mutating func forget(before time: Duration) { heard = heard.filter { $0.value.time >= time } }
}
