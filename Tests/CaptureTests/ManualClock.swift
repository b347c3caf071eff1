import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Capture

/// A clock that stands until a test moves it or somebody sleeps by it, and that counts how often whoever waits looked
/// whether to give up.
final class ManualClock: Sendable {
    private let time = Mutex(Duration.zero)
    private let count = Atomic(0)

    var now: Duration { time.withLock(\.self) }
    var looks: Int { count.load(ordering: .acquiring) }

    func advance(by step: Duration) { time.withLock { $0 += step } }

    /// One whose deadlines go by this clock.
    func cancellation() -> Cancellation {
        Cancellation(clock: WaitClock(now: { self.now }, sleep: { self.advance(by: $0) })) {
            self.count.add(1, ordering: .acquiringAndReleasing)
            return false
        }
    }

    /// Blocks until whoever waits has looked this many times more, or has ended. By then it has seen the time as it is.
    func wait(forLooks looks: Int, orEndOf thread: Background<some Sendable>) throws {
        let last = self.looks + looks
        try blockUntil("\(looks) more looks at the clock") { self.looks >= last || thread.isOver }
    }
}

/// Work on a thread of its own, and its result.
final class Background<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)

    init(_ body: @escaping @Sendable () throws -> Value) {
        spawn { [self] in
            let result = Result { try body() }
            self.result.withLock { $0 = result }
        }
    }

    var isOver: Bool { result.withLock { $0 != nil } }

    /// Blocks until it has ended.
    var value: Value {
        get throws {
            try blockUntil("the end of a thread") { isOver }
            let result = result.withLock(\.self)
            return try #require(result).get()
        }
    }
}

/// Runs the body on a thread of its own.
func spawn(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread,
        nil,
        { box in
            if let box { Unmanaged<Box>.fromOpaque(box).takeRetainedValue().body() }
            return nil
        },
        Unmanaged.passRetained(Box(body)).toOpaque()
    )
    pthread_detach(thread)
}
