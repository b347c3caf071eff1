import Capture
import Dispatch
import EventFeed
import Frames
import Logging
import Settings
import System

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
        let pixels = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: options.transform.byteCount)
        pixels.initialize(repeating: 0)
        defer {
            pixels.deallocate()
            supervisor.readerEnded(self)
            ended.signal()
        }
        // Short enough to be back within 5 s of a camera's return, long enough not to burden a camera that struggles.
        var backoff = Backoff(initial: .milliseconds(500), cap: .seconds(3))
        while !cancellation.isCancelled {
            guard schedule.isActive else {
                supervisor.rest(by: self)
                while !cancellation.isCancelled, !schedule.isActive { MonotonicTime.sleep(for: Self.look) }
                backoff.reset()
                continue
            }
            switch play(into: pixels, firstPicture: { backoff.reset() }) {
            // Cancelled by the supervisor or by the end of the active hours.
            case .cancelled, .over: continue
            case .broken(let reason):
                let delay = backoff.next()
                logger.warning("\(reason)", metadata: ["retry_ms": "\(delay.milliseconds)"])
                wait(delay, reason: reason)
            }
        }
    }

    /// Opens the source and reads it until it breaks.
    ///
    /// - Parameter firstPicture: called when the first picture has come.
    private func play(into pixels: UnsafeMutableBufferPointer<UInt8>, firstPicture: () -> Void) -> Ending {
        var options = options
        if let left = supervisor.patienceLeft {
            // A long attempt must not delay the report that the stream is gone.
            options.openTimeout = min(options.openTimeout, max(left, .seconds(1)))
        }
        let opened = MonotonicTime.now
        do throws(CaptureError) {
            let connection = Cancellation { [cancellation, schedule] in cancellation.isCancelled || !schedule.isActive }
            options = try options.resolved(connection)
            var source = try VideoSource(opening: options, cancellation: connection, taps: supervisor.taps)
            let info = source.info
            guard let epoch = supervisor.opened(info, by: self) else { return .cancelled }
            logger.info(
                "open",
                metadata: [
                    "codec": "\(info.codec)", "size": "\(info.width)x\(info.height)", "rate": "\(info.frameRate ?? 0)",
                ]
            )
            var isFirst = true
            while let frame = try source.next(into: pixels) {
                if isFirst { firstPicture() }
                isFirst = false
                supervisor.deliver(frame, UnsafeRawBufferPointer(pixels), epoch: epoch, by: self)
            }
            let statistics = source.statistics
            let damaged = statistics.corruptPackets + statistics.corruptFrames
            if damaged > 0 { logger.warning("damaged packets or pictures", metadata: ["count": "\(damaged)"]) }
            if let broken = statistics.endedEarly { return .broken(broken.message) }
            if !info.isLive && !isFirst {
                // Else a file of a picture or two would be opened again and again as fast as the machine can.
                pause(until: opened + .seconds(max(1, info.duration ?? 0)))
                return .over
            }
            return .broken("\(SourceURL.redacted(options.url)): the source ended")
        } catch {
            return error.code == .cancelled ? .cancelled : .broken(error.message)
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
