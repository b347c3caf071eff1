internal import Synchronization

/// A flag that ends a `VideoSource`'s waiting from another thread: its open, read or sleep throws `.cancelled` soon
/// after. Once set it stays set.
public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    private let condition: (@Sendable () -> Bool)?

    /// `condition` sets the flag once it is true. It is asked at every look at the flag, on the waiting thread, so it must
    /// be cheap and must not block.
    public init(when condition: (@Sendable () -> Bool)? = nil) {
        self.condition = condition
    }

    public func cancel() { flag.store(true, ordering: .releasing) }

    public var isCancelled: Bool {
        if flag.load(ordering: .acquiring) { return true }
        guard let condition, condition() else { return false }
        cancel()
        return true
    }
}
