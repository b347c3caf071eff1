import System
import Testing

@testable import Text

@Suite struct RetentionClockTests {
    private let began = Instant(sinceOrigin: .seconds(1000))
    private let newest = UTCTime(microseconds: 1_800_000_000_000_000)
    private let keep = Duration.seconds(30 * 86_400)
    private let day = Duration.seconds(86_400)

    private func reading(_ time: UTCTime, synchronised: Bool, after: Duration = .zero) -> RetentionClock.Reading {
        RetentionClock.Reading(time: time, isSynchronised: synchronised, instant: began + after)
    }

    @Test func aClockThatNothingVouchesForAgesNothing() {
        var clock = RetentionClock(newest: newest, began: began)
        let ahead = reading(newest + day * 60, synchronised: false, after: .seconds(7))
        let verdict = clock.verdict(keep: keep, oldest: newest - day * 29, now: ahead)
        // By the newest thing that is kept and the seven seconds since.
        #expect(verdict == .drop(before: newest + .seconds(7) - keep, isDoubted: false))
    }

    @Test func aClockThatFellBackAgesNothing() {
        var clock = RetentionClock(newest: newest, began: began)
        let behind = UTCTime(microseconds: 0)
        let verdict = clock.verdict(keep: keep, oldest: newest - day * 29, now: reading(behind, synchronised: false))
        #expect(verdict == .drop(before: behind - keep, isDoubted: false))
    }

    @Test func aSynchronisedClockCounts() {
        var clock = RetentionClock(newest: newest, began: began)
        let now = reading(newest + .seconds(3600), synchronised: true)
        let verdict = clock.verdict(keep: keep, oldest: newest - keep, now: now)
        #expect(verdict == .drop(before: newest + .seconds(3600) - keep, isDoubted: false))
    }

    @Test func moreThanADaysWorthWaitsAndIsNewsOnce() {
        var clock = RetentionClock(newest: newest, began: began, patience: .seconds(600))
        let oldest = newest - day * 10
        func verdict(after: Duration, aheadBy ahead: Duration) -> RetentionClock.Verdict {
            clock.verdict(keep: keep, oldest: oldest, now: reading(newest + ahead, synchronised: true, after: after))
        }
        let cutoff = newest + day * 60 - keep
        #expect(verdict(after: .zero, aheadBy: day * 60) == .wait(before: cutoff, isNews: true))
        #expect(verdict(after: .seconds(599), aheadBy: day * 60) == .wait(before: cutoff, isNews: false))
        // The clock is corrected in time: nothing is old, and a new doubt begins anew.
        #expect(verdict(after: .seconds(599), aheadBy: .zero) == .drop(before: newest - keep, isDoubted: false))
        #expect(verdict(after: .seconds(601), aheadBy: day * 60) == .wait(before: cutoff, isNews: true))
        #expect(verdict(after: .seconds(1201), aheadBy: day * 60) == .drop(before: cutoff, isDoubted: true))
        // Step by step, until the rest is young enough.
        #expect(verdict(after: .seconds(1202), aheadBy: day * 60) == .drop(before: cutoff, isDoubted: true))
    }

    @Test func withNothingFromEarlierTheClockCounts() {
        var clock = RetentionClock(newest: nil, began: began)
        let verdict = clock.verdict(keep: keep, oldest: nil, now: reading(newest, synchronised: false))
        #expect(verdict == .drop(before: newest - keep, isDoubted: false))
    }
}
