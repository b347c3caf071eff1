package import Foundation
package import Settings
import Synchronization
import System

/// Says whether a stream is to be watched now. It may be asked as often as one likes: the calendar is looked at once a
/// second. The wall clock decides anew each time, so that a clock that is set takes the schedule with it.
package final class ActiveWatch: Sendable {
    /// The longest that a change of the schedule goes unnoticed.
    static let interval = Duration.seconds(1)

    let hours: ActiveHours
    private let monotonic: @Sendable () -> Duration
    private let civil: @Sendable () -> Date
    private let last = Mutex<(checked: Duration, isActive: Bool)?>(nil)

    package init(
        _ hours: ActiveHours,
        monotonic: @escaping @Sendable () -> Duration = { MonotonicTime.now },
        civil: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.hours = hours
        self.monotonic = monotonic
        self.civil = civil
    }

    var isActive: Bool {
        if hours.spans.isEmpty { return true }
        let now = monotonic()
        return last.withLock { last in
            if let last, now - last.checked < Self.interval { return last.isActive }
            let isActive = hours.contains(civil())
            last = (now, isActive)
            return isActive
        }
    }
}
