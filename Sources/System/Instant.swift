import Glibc

/// A moment on the monotonic clock (CLOCK_MONOTONIC), for deadlines and time-outs. Changes of civil time do not affect
/// it.
package struct Instant: InstantProtocol, Sendable {
    /// The time since a fixed moment before the process started.
    package let sinceOrigin: Duration

    package init(sinceOrigin: Duration) {
        self.sinceOrigin = sinceOrigin
    }

    package static var now: Instant { Instant(sinceOrigin: MonotonicTime.now) }

    package func advanced(by duration: Duration) -> Instant { Instant(sinceOrigin: sinceOrigin + duration) }

    package func duration(to other: Instant) -> Duration { other.sinceOrigin - sinceOrigin }

    package static func + (instant: Instant, duration: Duration) -> Instant { instant.advanced(by: duration) }

    package static func - (instant: Instant, duration: Duration) -> Instant { instant.advanced(by: .zero - duration) }

    package static func - (later: Instant, earlier: Instant) -> Duration { earlier.duration(to: later) }

    package static func < (left: Instant, right: Instant) -> Bool { left.sinceOrigin < right.sinceOrigin }
}
