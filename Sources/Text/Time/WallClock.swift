import Foundation
import System

/// The civil clock, for output only.
package enum WallClock {
    package static var now: UTCTime { UTCTime(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)) }

    /// The civil time of a moment on the monotonic clock, by the current difference of the two clocks.
    package static func time(ofMonotonic moment: Duration) -> UTCTime { now + (moment - MonotonicTime.now) }
}
