import Glibc

/// The monotonic clock as a number, for the times of streams. It never steps, even if civil time does. `Instant`
/// is the type for deadlines.
package enum MonotonicTime {
    /// The time since a fixed moment before the process started.
    package static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// Blocks the calling thread. A signal may end the sleep early.
    package static func sleep(for time: Duration) {
        guard time > .zero else { return }
        let (seconds, attoseconds) = time.components
        var wait = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        nanosleep(&wait, nil)
    }
}
