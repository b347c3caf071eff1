import Testing

@testable import System

@Suite struct InstantTests {
    @Test func countsForwards() {
        let (first, second) = (Instant.now, Instant.now)
        #expect(first <= second)
        #expect(MonotonicTime.now >= second.sinceOrigin)
    }

    @Test func durationsAddUp() {
        let start = Instant(sinceOrigin: .seconds(5))
        #expect(start + .milliseconds(250) == Instant(sinceOrigin: .milliseconds(5250)))
        #expect(start - .seconds(5) == Instant(sinceOrigin: .zero))
        #expect(start + .seconds(2) - start == .seconds(2))
        #expect(start < start + .nanoseconds(1))
    }

    @Test func aSleepLasts() {
        let start = Instant.now
        MonotonicTime.sleep(for: .milliseconds(3))
        MonotonicTime.sleep(for: .seconds(-1))
        #expect(Instant.now - start >= .milliseconds(3))
    }
}
