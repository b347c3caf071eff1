import Testing

@testable import Daemon

@Suite struct TickCoverageTests {
    /// One picture a second for 1.6 ticks a second.
    @Test func aSlowSourceIsAConcernUntilItIsFastEnough() {
        var coverage = TickCoverage(interval: 0.625)
        var concerns: [String?] = []
        for picture in 0..<40 { concerns.append(coverage.take(ticks: picture % 5 < 3 ? 2 : 1)) }
        #expect(concerns.prefix(11).allSatisfy { $0 == nil })
        #expect(concerns.last??.contains("it sends 1.0 pictures a second, and the window asks for 1.6") == true)
        for _ in 0..<60 { concerns.append(coverage.take(ticks: 1)) }
        #expect(concerns.last == .some(nil))
    }

    @Test func aSourceThatLosesAPictureNowAndThenIsNone() {
        var coverage = TickCoverage(interval: 0.5)
        for picture in 0..<200 { #expect(coverage.take(ticks: picture % 8 == 0 ? 2 : 1) == nil) }
    }
}
