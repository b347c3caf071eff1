import Testing

@testable import MediaClock

@Suite struct PTSTimelineTests {
    /// The placements of pictures 40 ms long that are decoded as fast as they are shown.
    func places(_ times: [Double], wrap: Double? = nil, live: Bool = true) -> [PTSTimeline.Placement] {
        var timeline = PTSTimeline(wrapPeriod: wrap, isLive: live, interval: 0.5)
        return times.enumerated().map { timeline.place($1, duration: 0.04, arrival: Double($0) * 0.04) }
    }

    func expect(_ placement: PTSTimeline.Placement?, near position: Double, jump: Bool = false) {
        switch placement {
        case .placed(let place): #expect(!jump && abs(place - position) < 1e-6)
        case .discontinuity(let place): #expect(jump && abs(place - position) < 1e-6)
        default: Issue.record("\(String(describing: placement)), not near \(position)")
        }
    }

    @Test func advancingTimesAreKept() {
        #expect(places([5, 5.04, 5.08, 7]) == [.placed(5), .placed(5.04), .placed(5.08), .placed(7)])
    }

    @Test(arguments: [33, 32], [true, false])
    func wrapIsUndone(bits: Int, live: Bool) {
        let period = Double(1 << bits) / 90_000
        let placed = places([period - 0.06, period - 0.02, 0.02, 0.06], wrap: period, live: live)
        for (index, place) in placed.enumerated() { expect(place, near: period - 0.06 + 0.04 * Double(index)) }
    }

    @Test func pictureBeforeTheWrapIsStillInOrder() {
        let period = Double(1 << 32) / 90_000
        let placed = places([period - 0.02, 0.02, period - 0.01, 0.06], wrap: period)
        #expect(placed[2] == .outOfOrder)
        expect(placed[3], near: period + 0.06)
    }

    @Test func repeatsAndSmallStepsBackAreLeftOut() {
        let placed = places([1, 1.04, 1.04, 1.0, 1.08])
        #expect(placed == [.placed(1), .placed(1.04), .outOfOrder, .outOfOrder, .placed(1.08)])
    }

    @Test(arguments: [true, false])
    func timeLineContinuesAfterAJumpBack(live: Bool) {
        let placed = places([100, 100.04, 3, 3.04], live: live)
        expect(placed[2], near: 100.08, jump: true)
        expect(placed[3], near: 100.12)
    }

    @Test func gapInAFileIsReal() {
        #expect(places([0, 0.04, 60], live: false) == [.placed(0), .placed(0.04), .placed(60)])
    }

    @Test func leapOfALiveClockIsANewClock() {
        let placed = places([0, 0.04, 4000, 4000.04])
        expect(placed[2], near: 0.08, jump: true)
        expect(placed[3], near: 0.12)
    }

    /// Eight seconds later by its stamp: a gap if as much time has passed, and a clock that was set if not.
    @Test(arguments: [0.04, 5.6, 8, 9])
    func aLeapIsAGapIfTheTimeHasPassed(waited: Double) {
        var timeline = PTSTimeline(wrapPeriod: nil, isLive: true, interval: 0.5)
        _ = timeline.place(50, duration: 0.04, arrival: 10)
        let placement = timeline.place(58, duration: 0.04, arrival: 10 + waited)
        expect(placement, near: waited < 5 ? 50.04 : 58, jump: waited < 5)
    }

    @Test func jumpLastsAsLongAsItTookToArrive() {
        var timeline = PTSTimeline(wrapPeriod: nil, isLive: true, interval: 0.5)
        _ = timeline.place(50, duration: 0.04, arrival: 10)
        expect(timeline.place(2, duration: 0.04, arrival: 13), near: 53, jump: true)
    }

    @Test func timeLineContinuesDespiteAStuckClock() {
        let placed = places(Array(repeating: 7, count: 60))
        #expect(placed.filter { $0 != .outOfOrder }.count == 3)
    }
}
