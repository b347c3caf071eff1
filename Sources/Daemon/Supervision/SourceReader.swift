import Capture
import Dispatch
import EventFeed
import Frames
import Logging
import MediaClock
import Recognition
import Settings
import System
import Text

/// The work of one capture thread: opens a stream's source and reads it. When the source breaks, the reader opens it again
/// after a capped, jittered back-off, until it is cancelled or abandoned.
///
/// A call into libav may hang for ever, and nothing interrupts it. So the reader decodes into memory of its own, and
/// everything it reports goes through the supervisor, which ignores a reader that it has abandoned.
final class SourceReader: Sendable {
    let cancellation = Cancellation()
    /// Signalled once, when the thread has finished.
    let ended = DispatchSemaphore(value: 0)
    /// Signalled once the reader may open its source, or is cancelled.
    private let gate = DispatchSemaphore(value: 0)
    private let options: SourceOptions
    private let schedule: ActiveWatch
    private let supervisor: SourceSupervisor
    private let logger: Logger

    /// A connection that delivered pictures for this long was a good one.
    private static let longLife = Duration.seconds(30)
    /// After this long with pictures, the back-off for crashes starts again.
    private static let steadyLife = Duration.seconds(2)
    /// How long a connected source usually takes until its first picture.
    private static let usualWait = Duration.seconds(3)
    /// How often a wait checks for cancellation and the end of the supervisor's patience.
    private static let look = Duration.milliseconds(50)

    init(options: SourceOptions, schedule: ActiveWatch, supervisor: SourceSupervisor, logger: Logger) {
        self.options = options
        self.schedule = schedule
        self.supervisor = supervisor
        self.logger = logger
    }

    /// How one connection ended.
    private enum Ending {
        case cancelled
        /// A file ended, and is played again.
        case over
        case broken(String)
        /// The process that read the source crashed, or was killed.
        case crashed(String)
    }

    /// Lets `run` open the source.
    func begin() { gate.signal() }

    /// Ends `run` soon, whether it has begun or not.
    func cancel() {
        cancellation.cancel()
        gate.signal()
    }

    /// The thread's body: waits for `begin`, then reads until it is cancelled.
    func run() {
        gate.wait()
        let pixels = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: options.inputBytes)
        pixels.initialize(repeating: 0)
        defer {
            pixels.deallocate()
            supervisor.readerEnded(self)
            ended.signal()
        }
        // Short enough to be back within 5 s of a camera's return, long enough not to burden a camera that struggles.
        var backoff = Backoff(initial: .milliseconds(500), cap: .seconds(3))
        // A source that opens but soon ends costs more, and trying again helps it less.
        var shortLived = Backoff(initial: .milliseconds(500), cap: .seconds(30))
        // A process that crashed after its first pictures says nothing of the camera, which need not be spared.
        var crashes = Backoff(initial: .milliseconds(250), cap: .milliseconds(1500))
        while !cancellation.isCancelled {
            guard schedule.isActive else {
                supervisor.rest(by: self)
                while !cancellation.isCancelled, !schedule.isActive { MonotonicTime.sleep(for: Self.look) }
                backoff.reset()
                continue
            }
            let (ending, life) = play(into: pixels)
            switch ending {
            // Cancelled by the supervisor or by the end of the active hours.
            case .cancelled, .over: continue
            case .broken(let reason):
                if life != nil { backoff.reset() }
                if life ?? .zero >= Self.longLife { shortLived.reset() }
                let delay = life == nil ? backoff.next() : shortLived.next()
                logger.warning("\(reason)", metadata: ["retry_ms": "\(delay.milliseconds)"])
                wait(delay, reason: reason)
            case .crashed(let reason):
                if life ?? .zero >= Self.steadyLife { crashes.reset() }
                let delay = life == nil ? shortLived.next() : crashes.next()
                logger.error("\(reason)", metadata: ["retry_ms": "\(delay.milliseconds)"])
                wait(delay, reason: reason)
            }
        }
    }

    /// Opens the source and reads it until it breaks.
    ///
    /// - Returns: how it ended, and how long it delivered pictures; nil if there was none.
    private func play(into pixels: UnsafeMutableBufferPointer<UInt8>) -> (Ending, life: Duration?) {
        var options = options
        if let left = supervisor.patienceLeft {
            // A long attempt must not delay the report that the stream is gone.
            options.openTimeout = min(options.openTimeout, max(left, .seconds(1)))
        }
        let opened = MonotonicTime.now
        var first: Duration?
        var life: Duration? { first.map { MonotonicTime.now - $0 } }
        let name = Redaction().redact(options.url)
        do throws(CaptureError) {
            let connection = Cancellation { [cancellation, schedule] in cancellation.isCancelled || !schedule.isActive }
            let source = try supervisor.connector.open(options, cancellation: connection, logger: logger) { waiting in
                // Usually a moment, which is not worth a word.
                if MonotonicTime.now - opened > Self.usualWait {
                    self.supervisor.trouble("\(name): \(waiting)", by: self)
                }
            }
            let info = source.info
            guard let epoch = supervisor.opened(source, by: self) else { return (.cancelled, nil) }
            logger.info("open", metadata: ["codec": "\(info.codec)", "size": "\(info.width)x\(info.height)"])
            var (ticks, clock, rate) = (0, SourceClock?.none, info.frameRate)
            while let frame = try source.next(into: pixels) {
                first = first ?? MonotonicTime.now
                ticks = frame.ticks.upperBound
                if source.clockInUse.clock != clock {
                    report(source.clockInUse, instead: clock)
                    clock = source.clockInUse.clock
                }
                if rate == nil, let measured = source.rate {
                    rate = measured
                    supervisor.measured(rate: measured, by: self)
                }
                let bytes = UnsafeRawBufferPointer(pixels)
                supervisor.deliver(frame, bytes, takenAt: source.takenAt, epoch: epoch, by: self)
            }
            let statistics = source.statistics
            let damaged = statistics.damaged
            if damaged > 0 { logger.warning("damaged packets or pictures", metadata: ["count": "\(damaged)"]) }
            // What a camera sends goes on with its next connection.
            if !info.isLive { checkLength(ticks: ticks, name) }
            if let broken = statistics.endedEarly { return (.broken(broken.message), life) }
            if !info.isLive && first != nil {
                // Else a file of a picture or two would be opened again and again as fast as the machine can.
                pause(until: opened + .seconds(max(1, info.duration ?? 0)))
                return (.over, life)
            }
            return (.broken("\(name): the source ended"), life)
        } catch {
            switch error.code {
            case .cancelled: return (.cancelled, life)
            case .crashed:
                supervisor.crashed(by: self)
                return (.crashed(error.message), life)
            default: return (.broken(error.message), life)
            }
        }
    }

    /// Looks whether the window could fill. If a file ends before, there never is a decision.
    private func checkLength(ticks: Int, _ name: String) {
        let window = supervisor.stream.specification.window
        let length = Double(ticks) * options.interval
        guard length < window.seconds - options.interval / 2 else { return supervisor.ended(nil, by: self) }
        let shown = Duration.seconds((length * 10).rounded() / 10).configured
        supervisor.ended(
            "\(name): it ends after \(shown), before its window of \(window.configured) is full, so nothing can be "
                + "recognised; use a longer source or a shorter window",
            by: self
        )
    }

    private func report(_ clock: (clock: SourceClock, reason: String?), instead last: SourceClock?) {
        supervisor.uses((clock.clock, clock.reason), by: self)
        if let reason = clock.reason {
            logger.notice("going by the arrival of its pictures: \(reason)")
        } else if last != nil {
            logger.notice("going by the source's own time stamps again")
        }
    }

    private func pause(until end: Duration) {
        while !cancellation.isCancelled, schedule.isActive, MonotonicTime.now < end {
            MonotonicTime.sleep(for: Self.look)
        }
    }

    private func wait(_ delay: Duration, reason: String) {
        let end = MonotonicTime.now + delay
        while !cancellation.isCancelled, schedule.isActive {
            supervisor.trouble(reason, by: self)
            let left = end - MonotonicTime.now
            if left <= .zero { return }
            MonotonicTime.sleep(for: min(left, Self.look))
        }
    }
}
