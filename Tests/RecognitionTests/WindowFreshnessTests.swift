import Testing

@testable import Recognition

/// What has changed in a window since it was scored and swept, by ticks alone.
@Suite struct WindowFreshnessTests {
    private func encoded(_ tick: Int, changed: Bool = true, isCut: Bool = false) -> WindowFreshness {
        var freshness = WindowFreshness(capacity: 4)
        freshness.encoded(tick..<tick + 1, changed: changed, isCut: isCut)
        return freshness
    }

    @Test func aFrameMakesItStaleUntilItIsScored() {
        var freshness = encoded(0)
        #expect(freshness.isStale && !freshness.isUnswept)
        freshness.scored()
        #expect(!freshness.isStale)
        freshness.encoded(1..<2, changed: false, isCut: false)
        #expect(freshness.isStale)
    }

    @Test func aHeldFrameChangesTheWeightsOfTheOthers() {
        var freshness = encoded(0)
        freshness.scored()
        freshness.held(1, isOneFrame: false)
        #expect(freshness.isStale && freshness.isUnswept)
        freshness.swept()
        #expect(!freshness.isUnswept)
    }

    @Test func aWindowOfOneFrameStaysAsItIs() {
        var freshness = encoded(0)
        freshness.scored()
        freshness.held(3, isOneFrame: true)
        #expect(!freshness.isStale && !freshness.isUnswept)
    }

    @Test func weightsDoNotCountOnceTheWindowShowsOneScene() {
        var freshness = encoded(0)
        freshness.held(3, isOneFrame: false)
        freshness.swept()
        // The same scene, encoded because it was due, does not count as a change.
        freshness.encoded(4..<5, changed: false, isCut: false)
        freshness.held(1, isOneFrame: false)
        #expect(!freshness.isUnswept)
        freshness.encoded(6..<7, changed: true, isCut: false)
        freshness.held(1, isOneFrame: false)
        #expect(freshness.isUnswept)
    }

    @Test func aCutIsRefreshedWhenTheWindowShowsOnlyTheNewScene() {
        var freshness = encoded(10, isCut: true)
        #expect(freshness.takeRefresh(before: 11) == false)
        #expect(freshness.takeRefresh(before: 13) == false)
        #expect(freshness.takeRefresh(before: 14) == true)
        #expect(freshness.takeRefresh(before: 15) == false)
    }

    /// A light that flashes is a cut at each frame.
    @Test func cutsInQuickSuccessionAreRefreshedOnce() {
        var freshness = WindowFreshness(capacity: 8)
        let refreshed = (0..<24).filter { tick in
            freshness.encoded(tick..<tick + 1, changed: true, isCut: (4..<10).contains(tick))
            return freshness.takeRefresh(before: tick + 1)
        }
        #expect(refreshed == [16])
    }

    @Test func withoutACutNothingIsRefreshed() {
        var freshness = encoded(0)
        #expect(freshness.takeRefresh(before: 100) == false)
        freshness.encoded(1..<2, changed: true, isCut: true)
        freshness.clear()
        #expect(freshness == WindowFreshness(capacity: 4))
        #expect(freshness.takeRefresh(before: 100) == false)
    }
}
