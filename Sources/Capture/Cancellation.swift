internal import Synchronization
import System

/// A flag that ends a `VideoSource`'s waiting from another thread: its open, read or sleep throws `.cancelled` soon
/// after. Once set it stays set.
///
/// It also tells whether anybody still asks: whoever may be cancelled looks here many times a second, but for one that
/// hangs in a call that nothing interrupts, such as a look-up of a name or a device that never answers.
package final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    /// Nanoseconds on the monotonic clock.
    private let asked = Atomic<UInt64>(MonotonicTime.now.nanoseconds)
    private let condition: (@Sendable () -> Bool)?
    /// The clock of whoever may be cancelled.
    let clock: WaitClock

    /// `condition` sets the flag once it is true. It is asked at every look at the flag, on the waiting thread, so it must
    /// be cheap and must not block.
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

    /// Whether it was cancelled, for those who only want to know.
    package var isSet: Bool { flag.load(ordering: .acquiring) }

    /// How long ago `isCancelled` was last asked.
    package var sinceAsked: Duration {
        let now = MonotonicTime.now.nanoseconds
        return .nanoseconds(Int64(clamping: now - min(now, asked.load(ordering: .relaxed))))
    }
}
