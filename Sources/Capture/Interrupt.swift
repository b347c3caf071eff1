internal import CLibAV
internal import Synchronization
import System

/// What libav asks, about ten times a second while it waits, whether to give up: the cancellation or a deadline.
///
/// A class for its stable address: libav holds it as its callback's opaque pointer.
final class Interrupt: Sendable {
    private let deadline = Atomic<UInt64>(.max)
    private let cancellation: Cancellation

    init(_ cancellation: Cancellation) {
        self.cancellation = cancellation
    }

    /// Starts the time limit anew.
    func arm(_ limit: Duration) {
        deadline.store(cancellation.clock.now().nanoseconds &+ limit.nanoseconds, ordering: .relaxed)
    }

    var isCancelled: Bool { cancellation.isCancelled }
    var hasExpired: Bool { cancellation.clock.now().nanoseconds >= deadline.load(ordering: .relaxed) }

    /// The callback for a context that holds a reference to `self` until it is closed.
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
