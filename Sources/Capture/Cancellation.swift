internal import Synchronization

/// A flag that ends a `VideoSource`'s waiting from another thread: its open, read or sleep throws `.cancelled` soon
/// after. Once set it stays set.
public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    public init() {}

    public func cancel() { flag.store(true, ordering: .releasing) }

    public var isCancelled: Bool { flag.load(ordering: .acquiring) }
}
