import Glibc
import System

/// Sleep that a signal ends.
enum Sleep {
    static func until(_ moment: ContinuousClock.Instant) {
        let left = max(.zero, moment - .now)
        _ = poll(nil, 0, Int32(clamping: Int64(left / .milliseconds(1))))
    }
}
