import Foundation
import Testing
import Text

@testable import Daemon
@testable import Settings

@Suite struct ActiveWatchTests {
    /// Two clocks that stand where they are put.
    private final class Clocks: @unchecked Sendable {
        /// Touched by the one thread of the test.
        var monotonic = Duration.zero
        var civil: Date
        var looks = 0

        init(_ civil: Date) { self.civil = civil }
    }

    @Test func aClockThatIsSetTakesTheScheduleWithIt() throws {
        let clocks = Clocks(try Date("2026-11-23T06:59:59Z", strategy: .iso8601))
        var span = ActiveHours.Span()
        span.from = try #require(DayTime("07:00"))
        span.to = try #require(DayTime("08:00"))
        span.timeZone = .gmt
        let watch = ActiveWatch(ActiveHours([span])) {
            clocks.monotonic
        } civil: {
            clocks.looks += 1
            return clocks.civil
        }
        #expect(!watch.isActive)
        clocks.civil += 1
        // Looked at once a second at most.
        #expect(!watch.isActive)
        #expect(clocks.looks == 1)
        clocks.monotonic += .seconds(1)
        #expect(watch.isActive)
        // An hour on, as by NTP, and back again.
        clocks.civil += 3600
        clocks.monotonic += .seconds(1)
        #expect(!watch.isActive)
        clocks.civil -= 3600
        clocks.monotonic += .seconds(1)
        #expect(watch.isActive)
        #expect(clocks.looks == 4)
    }
}
