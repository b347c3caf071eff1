import Events
import Foundation
import Frames

/// Civil time, for output only.
enum WallClock {
    static var now: UTCTime { UTCTime(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)) }

    /// The civil time of a moment on the monotonic clock, by what the two clocks say now.
    static func time(ofMonotonic moment: Duration) -> UTCTime { now + (moment - MonotonicTime.now) }
}
