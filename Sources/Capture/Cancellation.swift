internal import Frames
internal import Synchronization

/// A flag that ends a `VideoSource`'s waiting from another thread: its open, read or sleep throws `.cancelled` soon
/// after. Once set it stays set.
///
/// It also tells whether anybody still asks: whoever may be cancelled looks here many times a second, but for one that
/// hangs in a call that nothing interrupts, such as a look-up of a name or a device that never answers.
public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    /// Nanoseconds on the monotonic clock.
    private let asked = Atomic<UInt64>(MonotonicTime.now.nanoseconds)

    public init() {}

    public func cancel() { flag.store(true, ordering: .releasing) }

    public var isCancelled: Bool {
        asked.store(MonotonicTime.now.nanoseconds, ordering: .relaxed)
        return flag.load(ordering: .acquiring)
    }

    /// Whether it was cancelled, for those who only want to know.
    public var isSet: Bool { flag.load(ordering: .acquiring) }

    /// How long ago `isCancelled` was last asked.
    public var sinceAsked: Duration {
        let now = MonotonicTime.now.nanoseconds
        return .nanoseconds(Int64(clamping: now - min(now, asked.load(ordering: .relaxed))))
    }
}
