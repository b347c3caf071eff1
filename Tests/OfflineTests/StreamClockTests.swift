import Frames
import Testing

@testable import Offline

@Suite struct StreamClockTests {
    private func times(_ frames: [(time: Double, ticks: Range<Int>)]) -> [Double] {
        var clock = StreamClock(interval: 0.5)
        return frames.map { clock.time(of: SampledFrame(time: $0.time, ticks: $0.ticks)) }
    }

    @Test func countsFromTheFirstPicture() {
        #expect(times([(100, 0..<1), (100.5, 1..<2), (101.25, 2..<3)]) == [0, 0.5, 1.25])
    }

    @Test func aPictureThatStandsForManyTicksKeepsItsOwnTime() {
        // Shown at 5 s, nearest to the ticks from 2.5 s to 7 s.
        #expect(times([(0, 0..<5), (5, 5..<15), (9, 15..<19)]) == [0, 5, 9])
    }

    /// The container's time stamps begin anew; the grid goes on, and so does the clock.
    @Test func aJumpOfTheTimeStampsIsNotFollowed() {
        #expect(times([(10, 0..<1), (10.5, 1..<2), (3, 2..<3), (3.5, 3..<4)]) == [0, 0.5, 1, 1.5])
    }
}
