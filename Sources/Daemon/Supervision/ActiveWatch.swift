package import Foundation
package import Settings
import Synchronization
import System

/// Decides whether a stream is to be watched now. Cheap to ask: it looks at the calendar once a second at most, always by
/// the current wall clock, so the schedule follows a clock that is set.
package final class ActiveWatch: Sendable {
    /// The longest time for which a change goes unnoticed.
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
