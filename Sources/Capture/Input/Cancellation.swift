internal import Synchronization
import System

/// A flag that another thread sets to end the waiting of a `VideoSource`.
///
/// The source's open, read or sleep throws `.cancelled` soon after. The flag stays set.
///
/// It also records when it was last polled. A thread that can be cancelled polls the flag many times a second, unless
/// it hangs in a call that nothing interrupts, such as a name look-up or a device that never answers.
package final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    /// When `isCancelled` was last read, in nanoseconds on the monotonic clock.
    private let asked = Atomic<UInt64>(MonotonicTime.now.nanoseconds)
    private let condition: (@Sendable () -> Bool)?
    /// The clock of the thread that can be cancelled.
    let clock: WaitClock

    /// - Parameter condition: sets the flag once it returns true. Each read of `isCancelled` evaluates it on the
    ///   waiting thread, so it must be cheap and must not block.
    package convenience init(when condition: (@Sendable () -> Bool)? = nil) {
        self.init(clock: WaitClock(), when: condition)
    }

    init(clock: WaitClock, when condition: (@Sendable () -> Bool)?) {
        self.clock = clock
        self.condition = condition
    }

    package func cancel() { flag.store(true, ordering: .releasing) }

    package var isCancelled: Bool {
        asked.store(MonotonicTime.now.nanoseconds, ordering: .relaxed)
        if flag.load(ordering: .acquiring) { return true }
        guard let condition, condition() else { return false }
        cancel()
        return true
    }

    /// Whether the flag is set. Unlike `isCancelled`, this evaluates no condition and does not count as a poll.
    package var isSet: Bool { flag.load(ordering: .acquiring) }

    /// The time since `isCancelled` was last read.
    package var sinceAsked: Duration {
        let now = MonotonicTime.now.nanoseconds
        return .nanoseconds(Int64(clamping: now - min(now, asked.load(ordering: .relaxed))))
    }
}
