import Capture
import Events
import Frames
import Logging
import Recognition
import Synchronization
import Threads

/// Keeps one stream's source running, for ever: opens it, reads it into the stream's ring, and when it breaks opens it
/// anew after a capped, jittered back-off.
///
/// One named thread a stream, which may block. A source that was never there and one that has gone take the same path.
/// Outside its active hours the source is closed, which spares the camera and the decoder: opening it again takes seconds.
final class SourceSupervisor: Sendable {
    let stream: InferenceWorker.Stream
    private let options: SourceOptions
    private let worker: InferenceWorker
    private let schedule: ActiveWatch
    private let report: @Sendable (StreamHealth) -> Void
    private let logger: Logger
    private let cancellation = Cancellation()
    private let thread = Mutex<NamedThread?>(nil)

    /// How long a source may be gone before its events end and it is reported offline.
    static let patience = Duration.seconds(10)
    /// How long a wait goes on before it looks for cancellation and the end of patience.
    private static let look = Duration.milliseconds(50)

    init(
        stream: InferenceWorker.Stream,
        options: SourceOptions,
        schedule: ActiveWatch,
        worker: InferenceWorker,
        report: @escaping @Sendable (StreamHealth) -> Void
    ) {
        self.stream = stream
        self.options = options
        self.worker = worker
        self.schedule = schedule
        self.report = report
        var logger = Logger(label: "capture")
        logger[metadataKey: "stream"] = "\(stream.specification.name)"
        self.logger = logger
    }

    func start() throws(OperationError) {
        switch NamedThread.start("cap-\(stream.specification.name)", { self.run() }) {
        case .success(let started): thread.withLock { $0 = started }
        case .failure(let error):
            throw OperationError("cannot start a thread for stream \(stream.specification.name): error \(error.number)")
        }
    }

    /// Ends a wait of the thread at once.
    func cancel() { cancellation.cancel() }

    /// Returns when the thread has ended.
    func join() {
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    /// How one connection ended.
    private enum Ending {
        case cancelled
        /// A file came to its end: it is played again.
        case over
        case broken(String)
    }

    private func run() {
        // Pictures are seen as they are sampled: a slow grid must not look like a source that is gone.
        let patience = Self.patience + .seconds(options.interval)
        var health = HealthMonitor(patience: patience)
        // Short enough to be back within 5 s of a camera's return, long enough not to trouble one that is not.
        var backoff = Backoff(initial: .milliseconds(500), cap: .seconds(3))
        var epoch = 0
        while !cancellation.isCancelled {
            if !schedule.isActive {
                rest()
                health = HealthMonitor(patience: patience)
                backoff.reset()
                continue
            }
            epoch += 1
            let ending = play(epoch: epoch, health: &health) { backoff.reset() }
            switch ending {
            // By the supervisor, or by the end of the active hours.
            case .cancelled: continue
            case .over: continue
            case .broken(let reason):
                let delay = backoff.next()
                logger.warning("\(reason)", metadata: ["retry_ms": "\(delay.milliseconds)"])
                wait(delay, reason: reason, health: &health)
            }
        }
    }

    /// One connection: reads until it breaks. `firstPicture` is called when the first picture is there.
    private func play(epoch: Int, health: inout HealthMonitor, firstPicture: () -> Void) -> Ending {
        var options = options
        if let left = health.patienceLeft(at: MonotonicTime.now) {
            // An attempt that waits on and on must not keep a stream that has gone from being reported so.
            options.openTimeout = min(options.openTimeout, max(left, .seconds(1)))
        }
        let opened = MonotonicTime.now
        do throws(CaptureError) {
            let connection = Cancellation { [cancellation, schedule] in cancellation.isCancelled || !schedule.isActive }
            var source = try VideoSource(opening: options, cancellation: connection)
            let info = source.info
            logger.info(
                "open",
                metadata: [
                    "codec": "\(info.codec)", "size": "\(info.width)x\(info.height)", "rate": "\(info.frameRate ?? 0)",
                ]
            )
            var isFirst = true
            while let frame = try source.next(into: stream.ring.writeBuffer) {
                if isFirst { firstPicture() }
                isFirst = false
                let now = MonotonicTime.now
                stream.ring.publish(frame, epoch: epoch, arrival: now)
                worker.wake()
                say(health.picture(at: now))
            }
            let statistics = source.statistics
            let damaged = statistics.corruptPackets + statistics.corruptFrames
            if damaged > 0 { logger.warning("did not decode whole", metadata: ["packets_or_pictures": "\(damaged)"]) }
            if let broken = statistics.endedEarly { return .broken(broken.message) }
            if !info.isLive && !isFirst {
                // A file of a picture or two would be opened again as fast as the machine can.
                pause(until: opened + .seconds(max(1, info.duration ?? 0)))
                return .over
            }
            return .broken("\(SourceURL.redacted(options.url)): the source ended")
        } catch {
            return error.code == .cancelled ? .cancelled : .broken(error.message)
        }
    }

    /// Outside the active hours: the open events end, and nothing is watched until they begin again.
    private func rest() {
        worker.end(stream, .inactive)
        var health = HealthMonitor(patience: Self.patience)
        say(health.trouble("outside its active hours: \(schedule.hours)", at: MonotonicTime.now))
        while !cancellation.isCancelled, !schedule.isActive { MonotonicTime.sleep(for: Self.look) }
    }

    private func pause(until end: Duration) {
        while !cancellation.isCancelled, schedule.isActive, MonotonicTime.now < end {
            MonotonicTime.sleep(for: Self.look)
        }
    }

    private func wait(_ delay: Duration, reason: String, health: inout HealthMonitor) {
        let end = MonotonicTime.now + delay
        while !cancellation.isCancelled, schedule.isActive {
            notice(reason, health: &health)
            let left = end - MonotonicTime.now
            if left <= .zero { return }
            MonotonicTime.sleep(for: min(left, Self.look))
        }
    }

    private func notice(_ reason: String, health: inout HealthMonitor) {
        let changed = health.trouble(reason, at: MonotonicTime.now)
        if changed?.state == .offline { worker.end(stream, .sourceLost) }
        say(changed)
    }

    private func say(_ change: HealthMonitor.Report?) {
        guard let change else { return }
        report(
            StreamHealth(
                stream: stream.specification.name,
                state: change.state,
                reason: change.reason,
                since: WallClock.time(ofMonotonic: change.since)
            )
        )
        logger.notice("\(change.state.rawValue)\(change.reason.map { ": \($0)" } ?? "")")
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
