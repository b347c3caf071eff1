internal import CLibAV
internal import Synchronization
import System

/// The callback that ends libav's waits on cancellation or at a deadline. While libav waits, it calls about ten times a
/// second.
final class Interrupt: Sendable {
    private let deadline = Atomic<UInt64>(.max)
    private let cancellation: Cancellation

    init(_ cancellation: Cancellation) {
        self.cancellation = cancellation
    }

    /// Restarts the time limit.
    func arm(_ limit: Duration) {
        deadline.store(cancellation.clock.now().nanoseconds &+ limit.nanoseconds, ordering: .relaxed)
    }

    var isCancelled: Bool { cancellation.isCancelled }
    var hasExpired: Bool { cancellation.clock.now().nanoseconds >= deadline.load(ordering: .relaxed) }

    /// The callback for a context. The context must hold the `retained` reference until it is closed.
    func callback(_ retained: Unmanaged<Interrupt>) -> AVIOInterruptCB {
        AVIOInterruptCB(
            callback: { opaque in
                guard let opaque else { return 0 }
                let interrupt = Unmanaged<Interrupt>.fromOpaque(opaque).takeUnretainedValue()
                return interrupt.isCancelled || interrupt.hasExpired ? 1 : 0
            },
            opaque: retained.toOpaque()
        )
    }
}
