import Capture
import CaptureProcess
import Dispatch
import Events
import Frames
import Logging
import MediaClock
import Recognition
import Signals
import Synchronization
import System
import Text

/// How a named thread is started. Tests replace it to make it fail.
typealias ThreadStart = @Sendable (_ name: String, _ body: @escaping @Sendable () -> Void) -> Result<NamedThread, Errno>

/// Keeps one stream's source running: one reader at a time, on a named thread of its own that may block. If a reader hangs
/// in a system call that nothing interrupts, the supervisor abandons it and starts another.
///
/// A source that never answered and one that was lost take the same path. Outside its active hours the source is closed,
/// which spares the camera and the decoder; opening it again takes seconds.
///
/// Under the lock only the state changes. Ending events, reporting and logging follow outside it.
final class SourceSupervisor: Sendable {
    private struct State {
        var reader: SourceReader?
        var thread: NamedThread?
        /// Since `prepare`: there is to be a reader until `cancel`.
        var isPrepared = false
        var isCancelled = false
        var health: HealthMonitor
        var signals: SignalHealth
        var coverage: TickCoverage
        /// Why no window of the source can ever fill.
        var emptiness: String?
        var source: SourceInfo?
        var clock: (basis: SourceClock, reason: String?)?
        /// Counts the source's connections.
        var epoch = 0
        var lastPicture: Duration?
        /// Consecutive looks at which the reader was found hanging.
        var hangingLooks = 0
        /// Abandoned readers whose calls have not returned.
        var abandoned = 0
        /// The process that reads the source; nil if a thread does.
        var capture: CaptureState?
        /// How often such a process crashed.
        var crashes = 0
        var reports = OrderedOutbox<HealthMonitor.Report>()
        /// Whether the model's last scores of the stream were no numbers: what it watches, nobody sees.
        var isBlind = false
        /// Windows at the last look: those that were scored, and those whose scores were no numbers.
        var scored = (decisions: 0, undefined: 0)

        func isCurrent(_ reader: SourceReader) -> Bool { self.reader === reader && !isCancelled }

        /// Notices whether the model still gives numbers. The next picture reports it.
        mutating func look(at counters: InferenceWorker.StreamCounters) {
            let now = (decisions: counters.decisions, undefined: counters.frames.undefined)
            if now.undefined > scored.undefined {
                isBlind = true
            } else if now.decisions > scored.decisions {
                isBlind = false
            }
            scored = now
        }

        /// Records trouble with the source.
        ///
        /// - Returns: why the open events end, if they do.
        mutating func trouble(_ reason: String) -> EndReason? {
            let outcome = health.trouble(reason, at: MonotonicTime.now)
            if let report = outcome.report { reports.add(report) }
            return outcome.isLoss ? .sourceLost : nil
        }
    }

    let stream: InferenceWorker.Stream
    /// Opens the source.
    let connector: SourceConnector
    private let options: SourceOptions
    private let worker: InferenceWorker
    private let schedule: ActiveWatch
    private let startThread: ThreadStart
    private let report: @Sendable (StreamHealth) -> Void
    private let logger: Logger
    private let state: Mutex<State>

    /// How long a source may be gone before its events end and it is reported offline.
    static let patience = EndReason.patience
    /// A reader counts as hanging once this many consecutive looks found it so. A daemon that was itself stopped for a
    /// while finds all its readers late, once.
    private static let looks = 3
    /// At most this many readers are abandoned at a time: each holds a thread and its open files.
    private static let abandonedLimit = 4
    /// How long `join` waits for the readers' ends, all together.
    private static let farewell = DispatchTimeInterval.seconds(3)

    /// - Parameters:
    ///   - stream: receives the pictures.
    ///   - options: of the source.
    ///   - schedule: the hours in which the source is open.
    ///   - frozenAfter: how long the picture may be frozen before the stream counts as degraded; zero for any time.
    ///   - worker: woken for each picture; ends the stream's events.
    ///   - connector: opens the source.
    ///   - startThread: starts the reader's thread.
    ///   - report: receives each change of the stream's health, in order, one call at a time. No lock is held.
    init(
        stream: InferenceWorker.Stream,
        options: SourceOptions,
        schedule: ActiveWatch,
        frozenAfter: Duration,
        worker: InferenceWorker,
        connector: SourceConnector,
        startThread: @escaping ThreadStart = { NamedThread.start($0, $1) },
        report: @escaping @Sendable (StreamHealth) -> Void
    ) {
        self.stream = stream
        self.options = options
        self.worker = worker
        self.connector = connector
        self.schedule = schedule
        self.startThread = startThread
        self.report = report
        var logger = Logger(label: "capture")
        logger[metadataKey: "stream"] = "\(stream.specification.name)"
        self.logger = logger
        // Pictures are seen as they are sampled: a slow grid must not look like a source that is gone.
        let health = HealthMonitor(patience: Self.patience + .seconds(options.interval))
        state = Mutex(
            State(
                health: health,
                signals: SignalHealth(frozenAfter: frozenAfter),
                coverage: TickCoverage(interval: options.interval)
            )
        )
    }

    /// Makes the reader's thread, which waits for `begin`. `cancel` and `join` undo it.
    ///
    /// - Throws: `OperationError` if the system makes no more threads.
    func prepare() throws(OperationError) {
        guard let failure = makeReader() else { return state.withLock { $0.isPrepared = true } }
        throw OperationError("cannot start a thread for stream \(stream.specification.name): \(failure)")
    }

    /// Lets the prepared reader open the source.
    func begin() { state.withLock { $0.reader }?.begin() }

    /// Ends the reader's wait at once. Nothing is reported from here on.
    func cancel() {
        let reader = state.withLock { state in
            state.isCancelled = true
            state.reports.removeAll()
            return state.reader
        }
        reader?.cancel()
    }

    /// Returns once the threads of all have ended; leaves those alone that hang. To be called after `cancel`.
    static func join(_ supervisors: [SourceSupervisor]) {
        // One after the other each would take its time, and the service manager kills a daemon that stops too slowly.
        let deadline = DispatchTime.now() + farewell
        for supervisor in supervisors { supervisor.join(by: deadline) }
    }

    private func join(by deadline: DispatchTime) {
        let (reader, thread) = state.withLock { state in
            defer { (state.reader, state.thread) = (nil, nil) }
            return (state.reader, state.thread)
        }
        guard let reader, let thread else { return }
        if reader.ended.wait(timeout: deadline) == .success { thread.join() } else { thread.detach() }
    }

    // MARK: - Readers that hang

    /// To be called every second or so: abandons a reader that hangs, and starts another; notices a model that has gone
    /// blind.
    func watch() {
        let counters = stream.statistics
        state.withLock { $0.look(at: counters) }
        let isMissing = state.withLock { $0.isPrepared && !$0.isCancelled && $0.reader == nil }
        if isMissing { restart() } else { abandonHangingReader() }
    }

    private func abandonHangingReader() {
        let name = Redaction().redact(options.url)
        let limit = max(options.openTimeout, options.stallTimeout) + .seconds(5)
        let (abandoned, endReason): (SourceReader?, EndReason?) = state.withLock { state in
            guard let reader = state.reader, !state.isCancelled, reader.cancellation.sinceAsked > limit else {
                state.hangingLooks = 0
                return (nil, nil)
            }
            state.hangingLooks += 1
            guard state.hangingLooks >= Self.looks, !reader.cancellation.isSet else { return (nil, nil) }
            guard state.abandoned < Self.abandonedLimit else {
                let reason = "\(name): hangs like the attempts before it; the next attempt starts when one of them ends"
                return (nil, state.trouble(reason))
            }
            let reason = "\(name): a system call hangs; abandoning the attempt and opening the source again"
            let endReason = state.trouble(reason)
            state.thread?.detach()
            (state.reader, state.thread) = (nil, nil)
            state.abandoned += 1
            state.hangingLooks = 0
            return (reader, endReason)
        }
        carryOut(endReason)
        guard let abandoned else { return }
        abandoned.cancel()
        restart()
    }

    /// Starts a reader in place of one that was abandoned. Without a thread the next look tries again.
    private func restart() {
        guard let failure = makeReader() else { return begin() }
        carryOut(state.withLock { $0.trouble("cannot start a thread: \(failure)") })
    }

    /// Makes a reader and its thread, which waits for `begin`. No other thread makes one at the same time.
    private func makeReader() -> Errno? {
        let reader = SourceReader(options: options, schedule: schedule, supervisor: self, logger: logger)
        switch startThread("cap-\(stream.specification.name)", { reader.run() }) {
        case .failure(let error): return error
        case .success(let thread):
            let isWanted = state.withLock { state in
                if !state.isCancelled { (state.reader, state.thread) = (reader, thread) }
                return !state.isCancelled
            }
            if !isWanted {
                // Cancelled meanwhile. The reader has not opened anything, so it ends at once.
                reader.cancel()
                thread.join()
            }
            return nil
        }
    }

    // MARK: - Called by the reader. An abandoned one is ignored.

    /// The source is open.
    ///
    /// - Returns: the number of this connection; nil if the reader is to give up.
    func opened(_ source: any SourceReading, by reader: SourceReader) -> Int? {
        let process = (source as? RemoteSource).map { CaptureState(process: $0.process, confinement: $0.confinement) }
        let isNews = state.withLock { $0.capture?.confinement != process?.confinement }
        if isNews, let process { logger.info("its capture process is confined: \(process.confinement)") }
        let epoch: Int? = state.withLock { state in
            guard state.isCurrent(reader) else { return nil }
            state.source = source.info
            state.capture = process
            state.coverage = TickCoverage(interval: options.interval)
            state.epoch += 1
            state.signals.interrupt()
            // A live source is open once it has sent a picture, which is sampled only when the next one has come: from a slow
            // camera seconds later.
            if source.info.isLive,
                let report = state.health.picture(at: MonotonicTime.now, concern: state.emptiness).report
            {
                state.reports.add(report)
            }
            return state.epoch
        }
        if epoch != nil { carryOut(nil) }
        return epoch
    }

    /// Hands a picture to the inference thread.
    ///
    /// - Parameters:
    ///   - pixels: in the reader's memory; copied.
    ///   - time: when the picture was taken, on the monotonic clock.
    func deliver(
        _ frame: SampledFrame,
        _ pixels: UnsafeRawBufferPointer,
        takenAt time: Duration,
        epoch: Int,
        by reader: SourceReader
    ) {
        let now = MonotonicTime.now
        let isCurrent = state.withLock { state in
            guard state.isCurrent(reader) else { return false }
            UnsafeMutableRawBufferPointer(stream.ring.writeBuffer).copyMemory(from: pixels)
            stream.ring.publish(frame, epoch: epoch, arrival: time)
            state.lastPicture = now
            let signal = frame.measures.flatMap { state.signals.observe($0, at: now) }
            let sparse = state.coverage.take(ticks: frame.ticks.count)
            let blind = "the model's scores are no numbers: nothing is detected; its weights may be damaged"
            let concern = state.isBlind ? blind : signal ?? state.emptiness ?? sparse
            if let report = state.health.picture(at: now, concern: concern).report { state.reports.add(report) }
            return true
        }
        guard isCurrent else { return }
        worker.wake()
        carryOut(nil)
    }

    /// The process that read the source crashed, or was killed.
    func crashed(by reader: SourceReader) {
        state.withLock { state in
            state.crashes += 1
            if state.isCurrent(reader) { state.capture = nil }
        }
    }

    /// How many pictures a second arrive from a source that does not say.
    func measured(rate: Double, by reader: SourceReader) {
        state.withLock { state in
            if state.isCurrent(reader) { state.source?.frameRate = rate }
        }
    }

    /// The clock that places the source's pictures in time is another one.
    func uses(_ clock: (basis: SourceClock, reason: String?), by reader: SourceReader) {
        state.withLock { state in
            if state.isCurrent(reader) { state.clock = clock }
        }
    }

    /// A connection, or a file, has ended.
    ///
    /// - Parameter emptiness: why no window can ever fill; nil if one has.
    func ended(_ emptiness: String?, by reader: SourceReader) {
        let isNews = state.withLock { state in
            guard state.isCurrent(reader) else { return false }
            defer { state.emptiness = emptiness }
            return emptiness != nil && state.emptiness == nil
        }
        if isNews, let emptiness { logger.warning("\(emptiness)") }
    }

    /// The source failed, or time passes without it.
    func trouble(_ reason: String, by reader: SourceReader) {
        carryOut(state.withLock { state in state.isCurrent(reader) ? state.trouble(reason) : nil })
    }

    /// The active hours are over: the open events end, and nothing is watched until the next hours begin.
    func rest(by reader: SourceReader) {
        let endReason: EndReason? = state.withLock { state in
            guard state.isCurrent(reader) else { return nil }
            state.health = HealthMonitor(patience: state.health.patience)
            _ = state.trouble("outside its active hours: \(schedule.hours)")
            return .inactive
        }
        carryOut(endReason)
    }

    func readerEnded(_ reader: SourceReader) {
        state.withLock { state in
            if state.reader !== reader { state.abandoned = max(0, state.abandoned - 1) }
        }
    }

    var patienceLeft: Duration? { state.withLock { $0.health.patienceLeft(at: MonotonicTime.now) } }

    // MARK: - Outside the lock

    /// Ends the open events, if there is a reason, then sends the reports that wait.
    private func carryOut(_ endReason: EndReason?) {
        if let endReason { worker.end(stream, endReason) }
        guard state.withLock({ $0.reports.claim() }) else { return }
        while let change = state.withLock({ $0.reports.next() }) {
            report(change.record(of: stream.specification.name))
            logger.notice("\(change.state.rawValue)\(change.reason.map { ": \($0)" } ?? "")")
        }
    }

    // MARK: - For the status

    var condition: Condition {
        state.withLock { state in
            Condition(
                health: state.health.current,
                source: state.source,
                clock: state.clock,
                connections: state.epoch,
                lastPicture: state.lastPicture,
                signals: state.signals.scores,
                abandoned: state.abandoned,
                capture: state.capture,
                crashes: state.crashes
            )
        }
    }
}
