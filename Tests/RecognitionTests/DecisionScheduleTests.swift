import Testing

@testable import Recognition

/// When a decision is due, by ticks alone.
@Suite struct DecisionScheduleTests {
    @Test func theFirstPictureMayDecide() {
        var schedule = DecisionSchedule(hop: 3, capacity: 8)
        #expect(schedule.take(0..<1) == 0)
        #expect(schedule.isDue)
    }

    @Test func eachHopTicksOneIsDue() {
        var schedule = DecisionSchedule(hop: 3, capacity: 8)
        var due: [Int] = []
        for tick in 0..<10 {
            _ = schedule.take(tick..<tick + 1)
            if schedule.isDue {
                due.append(tick)
                schedule.decided()
            }
        }
        #expect(due == [0, 3, 6, 9])
    }

    @Test func ticksWithoutAPictureCount() {
        var schedule = DecisionSchedule(hop: 4, capacity: 8)
        _ = schedule.take(0..<1)
        schedule.decided()
        #expect(schedule.take(4..<5) == 3)
        #expect(schedule.isDue)
        // A picture from the past misses nothing.
        #expect(schedule.take(2..<3) == 0)
    }

    @Test func aGapOfAnyLengthIsOneDecision() {
        var schedule = DecisionSchedule(hop: 2, capacity: 8)
        _ = schedule.take(0..<1)
        schedule.decided()
        #expect(schedule.take(Int.max - 1..<Int.max) == Int.max - 2)
        #expect(schedule.isDue)
        schedule.decided()
        #expect(!schedule.isDue)
    }

    @Test func clearedItBeginsAgain() {
        var schedule = DecisionSchedule(hop: 2, capacity: 8)
        _ = schedule.take(0..<5)
        schedule.decided()
        schedule.clear()
        #expect(schedule == DecisionSchedule(hop: 2, capacity: 8))
        #expect(schedule.take(100..<101) == 0)
    }
}
