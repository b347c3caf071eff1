import Capture
import Dispatch
import EventFeed
import Frames
import Logging
import System

/// One capture thread's work: opens a stream's source, reads it, and when it breaks opens it anew after a capped, jittered
/// back-off, until it is cancelled or left behind.
///
/// It may hang for ever in a call of libav's that nothing interrupts. So it paints into memory of its own, and whatever
/// it says goes through the supervisor, which no longer listens to a reader that it has left behind.
final class SourceReader: Sendable {
    let cancellation = Cancellation()
    /// Signalled once, when the thread has nothing more to do.
    let ended = DispatchSemaphore(value: 0)
    /// Signalled once the reader may open its source, or is cancelled.
    private let gate = DispatchSemaphore(value: 0)
    private let options: SourceOptions
    private let schedule: ActiveWatch
    private let supervisor: SourceSupervisor
    private let logger: Logger

    /// How long a wait goes on before it looks for cancellation and the end of patience.
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
        /// A file came to its end: it is played again.
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
        // Short enough to be back within 5 s of a camera's return, long enough not to trouble one that is not.
        var backoff = Backoff(initial: .milliseconds(500), cap: .seconds(3))
        while !cancellation.isCancelled {
            guard schedule.isActive else {
                supervisor.rest(by: self)
                while !cancellation.isCancelled, !schedule.isActive { MonotonicTime.sleep(for: Self.look) }
                backoff.reset()
                continue
            }
            switch play(into: pixels, firstPicture: { backoff.reset() }) {
            // By the supervisor, or by the end of the active hours.
            case .cancelled, .over: continue
            case .broken(let reason):
                let delay = backoff.next()
                logger.warning("\(reason)", metadata: ["retry_ms": "\(delay.milliseconds)"])
                wait(delay, reason: reason)
            }
        }
    }

    /// One connection: reads until it breaks. `firstPicture` is called when the first picture is there.
    private func play(into pixels: UnsafeMutableBufferPointer<UInt8>, firstPicture: () -> Void) -> Ending {
        var options = options
        if let left = supervisor.patienceLeft {
            // An attempt that waits on and on must not keep a stream that has gone from being reported so.
            options.openTimeout = min(options.openTimeout, max(left, .seconds(1)))
        }
        let opened = MonotonicTime.now
        do throws(CaptureError) {
            let connection = Cancellation { [cancellation, schedule] in cancellation.isCancelled || !schedule.isActive }
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
