import Capture
import Dispatch
import Events
import Frames
import Logging
import Recognition
import Synchronization
import System
import Text

/// How a named thread is started; another in tests, which have it fail.
typealias ThreadStart = @Sendable (_ name: String, _ body: @escaping @Sendable () -> Void) -> Result<NamedThread, Errno>

/// Keeps one stream's source running, for ever: one reader at a time, on a named thread of its own that may block. A
/// reader that hangs in a call that nothing interrupts is left behind and another takes its place.
///
/// A source that was never there and one that has gone take the same path. Outside its active hours the source is closed,
/// which spares the camera and the decoder: opening it again takes seconds.
final class SourceSupervisor: Sendable {
    private struct State {
        var reader: SourceReader?
        var thread: NamedThread?
        var health: HealthMonitor
        var still: StillPicture
        var source: SourceInfo?
        /// Counts the source's connections.
        var epoch = 0
        var lastPicture: Duration?
        /// Looks in a row at which the reader was found hanging.
        var hangingLooks = 0
        /// Readers left behind whose calls have not returned.
        var leftBehind = 0
    }

    let stream: InferenceWorker.Stream
    /// Who gets what the source reads, beside the model.
    let taps: SourceTaps
    private let options: SourceOptions
    private let worker: InferenceWorker
    private let schedule: ActiveWatch
    private let startThread: ThreadStart
    private let report: @Sendable (StreamHealth) -> Void
    private let logger: Logger
    private let state: Mutex<State>

    /// How long a source may be gone before its events end and it is reported offline.
    static let patience = Duration.seconds(10)
    /// A reader is taken to hang when it was found so this many times in a row: a daemon that was itself stopped for a
    /// while finds all its readers late, once.
    private static let looks = 3
    /// More readers than this are not left behind: each holds a thread and what it has opened.
    private static let mostLeftBehind = 4
    /// How long the end of a reader is waited for.
    private static let farewell = DispatchTimeInterval.seconds(3)

    /// `frozenAfter`: how long pictures may be the same to the last bit before the stream counts as frozen; zero for ever.
    init(
        stream: InferenceWorker.Stream,
        options: SourceOptions,
        schedule: ActiveWatch,
        frozenAfter: Duration,
        worker: InferenceWorker,
        taps: SourceTaps,
        startThread: @escaping ThreadStart = { NamedThread.start($0, $1) },
        report: @escaping @Sendable (StreamHealth) -> Void
    ) {
        self.stream = stream
        self.options = options
        self.worker = worker
        self.taps = taps
        self.schedule = schedule
        self.startThread = startThread
        self.report = report
        var logger = Logger(label: "capture")
        logger[metadataKey: "stream"] = "\(stream.specification.name)"
        self.logger = logger
        // Pictures are seen as they are sampled: a slow grid must not look like a source that is gone.
        let health = HealthMonitor(patience: Self.patience + .seconds(options.interval))
        state = Mutex(State(health: health, still: StillPicture(after: frozenAfter)))
    }

    /// Makes the reader's thread, which waits for `begin`. `cancel` and `join` undo it.
    ///
    /// - Throws: `OperationError` if the system makes no more threads.
    func prepare() throws(OperationError) {
        let failure = state.withLock { startReader(&$0) }
        guard let failure else { return }
        throw OperationError("cannot start a thread for stream \(stream.specification.name): \(failure)")
    }

    /// Lets the prepared reader open the source.
    func begin() { state.withLock { $0.reader }?.begin() }

    /// Ends a wait of the thread at once; nothing is reported any more.
    func cancel() { state.withLock { $0.reader }?.cancel() }

    /// Returns when the thread has ended, or hangs and is left to itself.
    func join() {
        let (reader, thread) = state.withLock { state in
            defer { (state.reader, state.thread) = (nil, nil) }
            return (state.reader, state.thread)
        }
        guard let reader, let thread else { return }
        if reader.ended.wait(timeout: .now() + Self.farewell) == .success { thread.join() } else { thread.detach() }
    }

    /// To be called every second or so: leaves a reader behind that hangs, and starts another.
    func watch() {
        let limit = max(options.openTimeout, options.stallTimeout) + .seconds(5)
        let failure: Errno? = state.withLock { state in
            guard let reader = state.reader, reader.cancellation.sinceAsked > limit else {
                state.hangingLooks = 0
                return nil
            }
            state.hangingLooks += 1
            guard state.hangingLooks >= Self.looks, !reader.cancellation.isSet else { return nil }
            let name = SourceURL.redacted(options.url)
            guard state.leftBehind < Self.mostLeftBehind else {
                say("\(name): hangs as earlier attempts do; tried again when one of them ends", &state)
                return nil
            }
            say("\(name): a call for it does not return; that attempt is left behind, and it is opened anew", &state)
            reader.cancel()
            state.thread?.detach()
            state.leftBehind += 1
            state.hangingLooks = 0
            let failure = startReader(&state)
            state.reader?.begin()
            return failure
        }
        if let failure { logger.error("cannot start a thread: \(failure)") }
    }

    private func startReader(_ state: inout State) -> Errno? {
        let reader = SourceReader(options: options, schedule: schedule, supervisor: self, logger: logger)
        switch startThread("cap-\(stream.specification.name)", { reader.run() }) {
        case .success(let thread):
            (state.reader, state.thread) = (reader, thread)
            return nil
        case .failure(let error):
            (state.reader, state.thread) = (nil, nil)
            return error
        }
    }

    // MARK: - What the reader says. One that was left behind is not listened to.

    /// The source is open: the number of this connection, nil where the reader is to give up.
    func opened(_ info: SourceInfo, by reader: SourceReader) -> Int? {
        state.withLock { state in
            guard state.reader === reader else { return nil }
            state.source = info
            state.epoch += 1
            return state.epoch
        }
    }

    /// A picture for the inference thread, in the reader's memory.
    func deliver(_ frame: SampledFrame, _ pixels: UnsafeRawBufferPointer, epoch: Int, by reader: SourceReader) {
        let now = MonotonicTime.now
        let isCurrent = state.withLock { state in
            guard state.reader === reader else { return false }
            UnsafeMutableRawBufferPointer(stream.ring.writeBuffer).copyMemory(from: pixels)
            stream.ring.publish(frame, epoch: epoch, arrival: now)
            state.lastPicture = now
            let frozen = state.still.observe(pixels, at: now)
            say(state.health.picture(at: now, frozen: frozen))
            return true
        }
        if isCurrent { worker.wake() }
    }

    func trouble(_ reason: String, by reader: SourceReader) {
        state.withLock { state in
            if state.reader === reader { say(reason, &state) }
        }
    }

    /// Outside the active hours: the open events end, and nothing is watched until they begin again.
    func rest(by reader: SourceReader) {
        state.withLock { state in
            guard state.reader === reader else { return }
            worker.end(stream, .inactive)
            state.health = HealthMonitor(patience: state.health.patience)
            say(state.health.trouble("outside its active hours: \(schedule.hours)", at: MonotonicTime.now))
        }
    }

    func readerEnded(_ reader: SourceReader) {
        state.withLock { state in
            if let current = state.reader, current !== reader { state.leftBehind = max(0, state.leftBehind - 1) }
        }
    }

    /// How long the source may still be without pictures before it counts as gone; nil where it does already.
    var patienceLeft: Duration? { state.withLock { $0.health.patienceLeft(at: MonotonicTime.now) } }

    private func say(_ reason: String, _ state: inout State) {
        let changed = state.health.trouble(reason, at: MonotonicTime.now)
        if changed?.state == .offline { worker.end(stream, .sourceLost) }
        say(changed)
    }

    /// Under the lock, since two threads may say something and the last word must be the last state. The feed never
    /// calls back and never waits.
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

    /// How the source is, for the status.
    struct Condition: Sendable {
        var health: HealthMonitor.Report?
        var source: SourceInfo?
        var connections: Int
        var lastPicture: Duration?
        var leftBehind: Int
    }

    var condition: Condition {
        state.withLock { state in
            Condition(
                health: state.health.report,
                source: state.source,
                connections: state.epoch,
                lastPicture: state.lastPicture,
                leftBehind: state.leftBehind
            )
        }
    }
}
