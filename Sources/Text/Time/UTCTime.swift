import System

/// A moment of civil time, in microseconds since 1970-01-01T00:00:00Z. Use it for output only: windows and time-outs
/// run on the monotonic clock.
package struct UTCTime: Sendable, Equatable, Hashable, Comparable {
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static func < (left: UTCTime, right: UTCTime) -> Bool { left.microseconds < right.microseconds }

    /// The moment `duration` later, or earlier for a negative duration. A fraction of a microsecond is dropped.
    package static func + (time: UTCTime, duration: Duration) -> UTCTime {
        UTCTime(microseconds: time.microseconds + duration.wholeMicroseconds)
    }

    package static func - (time: UTCTime, duration: Duration) -> UTCTime {
        UTCTime(microseconds: time.microseconds - duration.wholeMicroseconds)
    }
}

extension Duration {
    fileprivate var wholeMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
