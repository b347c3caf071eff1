import Events
import Fleet
import Glibc
import Synchronization
import System
import Text

/// A host of a fleet without cameras: makes up the events of those that it owns. Its outbox is a file.
final class LoadHost: Sendable {
    /// How long a camera takes to open.
    private static let opening = Duration.milliseconds(300)

    private struct State {
        var epochs: [String: UInt64] = [:]
        /// The open event of each camera, with its epoch.
        var open: [String: (event: LabelEvent, epoch: UInt64)] = [:]
        var opening: [String: Duration] = [:]
    }

    private let name: String
    /// There is such a file when no more events are to be made.
    private let stop: String
    private let outbox: LoadOutbox
    private let log: LineFile
    private let state = Mutex(State())

    private init(name: String, directory: String) throws {
        self.name = name
        stop = "\(directory)/stop"
        outbox = try LoadOutbox("\(directory)/\(name).outbox", mark: "\(directory)/\(name).mark")
        log = try LineFile("\(directory)/\(name).log")
    }

    static func run(
        name: String,
        directory: String,
        servers: String,
        cameras: Int,
        rate: Double,
        capacity: Double
    ) throws {
        let host = try LoadHost(name: name, directory: directory)
        var settings = EngineCluster.settings(servers, host: name)
        if getenv("FLEETLOAD_QUICK") != nil { settings.rhythm = .quick }
        let member = try FleetMember(
            settings,
            heartbeat: Heartbeat(host: name, run: RandomIdentifier.make(), capacity: capacity, version: "load"),
            outbox: host.outbox.source(feed: name),
            report: { host.take($0) }
        )
        // What an earlier run had was over with it.
        host.log.add(#"{"run":true}"#)
        // As a daemon does after a crash.
        for (record, epoch) in host.outbox.orphans { host.end(record, epoch: epoch, because: .crashRecovered) }
        member.replace(cameras: (0..<cameras).map { Placement.Camera(name: "cam.\($0)", load: 1) })
        try member.start()
        try host.work(member, directory: directory, rate: rate)
    }

    private var isStopped: Bool { access(stop, F_OK) == 0 }

    /// Makes events until it is stopped; forwards until it is killed.
    private func work(_ member: FleetMember, directory: String, rate: Double) throws {
        let step = 0.02
        let status = "\(directory)/\(name).status"
        var (nextReport, announced) = (Duration.zero, UInt64(0))
        while true {
            MonotonicTime.sleep(for: .seconds(step))
            let now = MonotonicTime.now
            let ready = state.withLock { state in
                let ready = state.opening.filter { $0.value <= now }.map(\.key)
                for camera in ready { state.opening[camera] = nil }
                return ready
            }
            for camera in ready { member.ready(camera) }
            let isStopped = isStopped
            if !isStopped {
                let owned = state.withLock { $0.epochs }
                for (camera, epoch) in owned where Double.random(in: 0..<1) < rate * step { happen(camera, epoch) }
            }
            // As a journal's descriptor wakes the fleet's thread: not without news.
            if outbox.last != announced { member.recordsArrived() }
            announced = outbox.last
            guard now >= nextReport else { continue }
            nextReport = now + .milliseconds(200)
            let current = member.status
            let text =
                "\(isStopped ? 1 : 0) \(current.waiting) \(outbox.last) \(outbox.settled) \(current.owned.count)\n"
            guard let file = fopen(status + ".new", "we") else { throw LoadError("cannot write \(status)") }
            fputs(text, file)
            fclose(file)
            rename(status + ".new", status)
        }
    }

    private func take(_ notice: FleetMember.Notice) {
        var line = JSONLine()
        line.add("time", MonotonicTime.now.seconds)
        switch notice {
        case .start(let camera, let epoch, let reason):
            state.withLock { state in
                state.opening[camera] = nil
                state.epochs[camera] = epoch
            }
            line.add("start", camera)
            line.add("epoch", epoch)
            line.add("reason", "\(reason)")
        case .stop(let camera, let owner):
            let open = state.withLock { state in
                state.epochs[camera] = nil
                return state.open.removeValue(forKey: camera)
            }
            // The storm compares what was made before its end.
            if let open, !isStopped { end(open.event, epoch: open.epoch, because: .configChanged) }
            line.add("stop", camera)
            line.add("owner", owner)
        case .prepare(let camera, let owner):
            state.withLock { $0.opening[camera] = MonotonicTime.now + Self.opening }
            line.add("prepare", camera)
            line.add("from", owner)
        case .abandon(let camera):
            state.withLock { _ = $0.opening.removeValue(forKey: camera) }
            line.add("abandon", camera)
        case .connected: line.add("connected", true)
        case .configuration, .draining: break
        case .trouble(let text): line.add("trouble", text)
        case .late(let camera): line.add("late", camera)
        case .ended(let camera, let event):
            line.add("ended", camera)
            line.add("event", event)
        case .refused(let camera, let reason):
            line.add("refused", camera)
            line.add("reason", reason)
        case .deliver(let isOurs): line.add("delivers", isOurs)
        case .sameName: line.add("same_name", true)
        }
        log.add(line.text)
    }

    /// The next record of a camera: an event starts, goes on or ends.
    private func happen(_ camera: String, _ epoch: UInt64) {
        let open = state.withLock { $0.open[camera] }
        let now = WallClock.now
        guard var event = open?.event else {
            let event = Self.started(RandomIdentifier.make(), of: camera, at: now)
            // The camera may have gone in between. Its end must not come before the start.
            return state.withLock { state in
                guard state.epochs[camera] == epoch else { return }
                state.open[camera] = (event, epoch)
                outbox.add(event, epoch: epoch)
            }
        }
        guard Bool.random() else {
            guard state.withLock({ $0.open.removeValue(forKey: camera) }) != nil else { return }
            return end(event, epoch: epoch, because: .belowRelease)
        }
        event.state = .updated
        event.time = now
        state.withLock { state in
            guard state.open[camera] != nil else { return }
            state.open[camera]?.event = event
            outbox.add(event, epoch: epoch)
        }
    }

    private func end(_ event: LabelEvent, epoch: UInt64, because reason: EndReason) {
        outbox.add(event.ended(at: WallClock.now, because: reason, reported: WallClock.now), epoch: epoch)
    }

    private static func started(_ id: String, of camera: String, at time: UTCTime) -> LabelEvent {
        LabelEvent(
            id: id,
            state: .started,
            stream: camera,
            label: "load",
            text: "made up",
            score: 0.9,
            topScore: 0.9,
            threshold: 0.5,
            startTime: time,
            windowSeconds: 1,
            model: "none",
            confirmed: true,
            time: time
        )
    }

    /// A record of an event.
    static func event(_ id: String, of camera: String) -> FeedRecord {
        .event(started(id, of: camera, at: WallClock.now))
    }
}
