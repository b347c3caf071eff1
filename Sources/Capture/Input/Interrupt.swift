internal import CLibAV
internal import Synchronization
import System

/// The callback that ends libav's waits on cancellation or at a deadline. While libav waits, it calls about ten times a
/// second.
final class Interrupt: Sendable {
    private let deadline = Atomic<UInt64>(.max)
    private let closed = Atomic<Bool>(false)
    private let cancellation: Cancellation
    private let limited: Bool

    /// - Parameter limited: whether its time limits hold.
    init(_ cancellation: Cancellation, limited: Bool) { (self.cancellation, self.limited) = (cancellation, limited) }

    /// Restarts the time limit.
    func arm(_ limit: Duration) {
        if limited { deadline.store(cancellation.clock.now().nanoseconds &+ limit.nanoseconds, ordering: .relaxed) }
    }

    /// The clock that the time limits go by.
    var clock: WaitClock { cancellation.clock }

    /// Ends the waits of this context alone.
    func close() { closed.store(true, ordering: .releasing) }

    var isCancelled: Bool { cancellation.isCancelled || closed.load(ordering: .acquiring) }
    var hasExpired: Bool { cancellation.clock.now().nanoseconds >= deadline.load(ordering: .relaxed) }

    /// The actual cause of a failure that an interrupted wait produced.
    ///
    /// - Parameters:
    ///   - error: the failure as libav reports it.
    ///   - doing: a verb phrase for the message.
    ///   - name: the source's name.
    ///   - limit: the time limit that was armed.
    func cause(of error: CaptureError, _ doing: String, _ name: String, _ limit: Duration) -> CaptureError {
        if isCancelled { return .cancelled(name) }
        // libav may return the data it has and report the interruption only on the next call.
        return hasExpired || error.libavCode == LIBAV_EXIT ? .timedOut(doing, name, after: limit) : error
    }

    /// The callback for a context. This object must live until the context is closed.
    var callback: AVIOInterruptCB {
        AVIOInterruptCB(
            callback: { opaque in
                guard let opaque else { return 0 }
                let interrupt = Unmanaged<Interrupt>.fromOpaque(opaque).takeUnretainedValue()
                return interrupt.isCancelled || interrupt.hasExpired ? 1 : 0
            },
            opaque: Unmanaged.passUnretained(self).toOpaque()
        )
    }
}
