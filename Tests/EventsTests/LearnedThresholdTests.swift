import Foundation
import TestSupport
import Testing

@testable import Events

/// A threshold that follows the quiet level, in time that the tests make.
@Suite struct LearnedThresholdTests {
    private static let rules = EventRules(
        threshold: 0.94,
        release: 0.62,
        minDuration: .zero,
        hold: .seconds(2),
        cooldown: .zero,
        isLearned: true
    )

    private typealias Learned = LearnedThreshold

    private func lead(_ learned: LearnedThreshold) -> Double { Lead.logOdds(ofScore: learned.rules.threshold) }

    /// Decisions half a second apart, from `start` on.
    private func watch(
        _ learned: inout LearnedThreshold,
        from start: Duration = .zero,
        for time: Duration,
        isOpen: Bool = false,
        _ lead: (Int) -> Double
    ) {
        for index in 0...Int(time / .milliseconds(500)) {
            let score = Lead.score(ofLead: lead(index), temperature: 1)
            _ = learned.observe(score: score, isOpen: isOpen, at: start + .milliseconds(500 * index))
        }
    }

    @Test func theRulesHoldUntilTheLevelIsKnown() {
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        watch(&learned, for: Learned.leastWatched - .seconds(1)) { _ in 1 }
        #expect(learned.rules == Self.rules && learned.reading.quiet == nil)
    }

    /// A quiet level of 1 comes to margin + 1, up at once and down slowly, and stays there.
    @Test(arguments: [1.0, 5, -2, -9])
    func theThresholdComesToTheMarginAboveTheQuietLevel(level: Double) throws {
        let counted = max(level, Learned.floor)
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        watch(&learned, for: .seconds(6 * 3600)) { _ in level }
        #expect(abs(try #require(learned.reading.quiet) - level) < 0.13)
        #expect(abs(lead(learned) - counted - Learned.margin) < 0.14)
        // The quiet level ends an event.
        #expect(Lead.logOdds(ofScore: learned.rules.release) > counted)
        #expect(learned.rules.release < learned.rules.threshold && learned.rules.hold == Self.rules.hold)
    }

    @Test func itIsNotMovedFasterThanItsPace() {
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        let begin = lead(learned)
        watch(&learned, for: Learned.leastWatched) { _ in 8 }
        watch(&learned, from: Learned.leastWatched, for: .seconds(60)) { _ in 8 }
        let risen = lead(learned)
        #expect(risen > begin && risen - begin <= 1.4 * Learned.pace.up)
        var falling = LearnedThreshold(rules: Self.rules, temperature: 1)
        watch(&falling, for: Learned.leastWatched) { _ in -9 }
        watch(&falling, from: Learned.leastWatched, for: .seconds(60)) { _ in -9 }
        #expect(lead(falling) < begin && begin - lead(falling) <= 1.4 * Learned.pace.down)
    }

    /// The quantile is NumPy's of the same numbers, up to the width of a bin: `np.quantile(values, 0.9)`.
    @Test func theLevelIsTheQuantile() throws {
        var generator = SeededGenerator(seed: 3)
        let values = (0..<4000).map { _ in Double.random(in: -4...4, using: &generator) }
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        watch(&learned, for: .milliseconds(500 * 3999)) { values[$0] }
        let sorted = values.sorted()
        let wanted = sorted[Int(Learned.quantile * 3999)]
        #expect(abs(try #require(learned.reading.quiet) - wanted) < 0.15)
    }

    /// Scores beyond all bins, and those that are no numbers, do no harm.
    @Test func outermostScoresAreTaken() throws {
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        for (index, score) in [0.0, 1, .nan, -1, 2].enumerated() {
            for step in 0..<400 {
                _ = learned.observe(score: score, isOpen: false, at: .seconds(index * 400 + step))
            }
        }
        #expect(lead(learned) <= Learned.highest + 1e-3 && learned.rules.threshold > 0 && learned.rules.threshold < 1)
    }

    @Test func anOpenEventHoldsItStill() {
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        watch(&learned, for: .seconds(3600)) { _ in -2 }
        let before = (learned.rules, learned.reading.watched)
        watch(&learned, from: .seconds(3600.5), for: Learned.patience - .seconds(2), isOpen: true) { _ in 6 }
        #expect(learned.rules == before.0)
        #expect(learned.reading.watched <= before.1 + .seconds(1))
    }

    /// An event that a lost source ended is not the one that begins when the stream is back: an hour without the source is no
    /// hour of an event.
    @Test func anEventThatTheSourceEndedIsOver() {
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        watch(&learned, for: .seconds(3600)) { _ in -2 }
        watch(&learned, from: .seconds(3600.5), for: .seconds(60), isOpen: true) { _ in 6 }
        let before = learned.reading
        learned.endEvent()
        learned.interrupt()
        watch(&learned, from: .seconds(7200), for: .seconds(60), isOpen: true) { _ in 6 }
        #expect(learned.reading == before)
    }

    /// The same of scores that were kept: with no `min_duration`, the first one after the gap is an event already.
    @Test func anEventEndsWithItsStretch() {
        let stretch = { (start: Int, quiet: Int, loud: Int) in
            (start..<start + quiet + loud).map { second in
                let lead = second < start + quiet ? -2.0 : 6
                return (time: Duration.seconds(second), score: Lead.score(ofLead: lead, temperature: 1))
            }
        }
        var (once, twice) = (
            LearnedThreshold(rules: Self.rules, temperature: 1), LearnedThreshold(rules: Self.rules, temperature: 1)
        )
        once.learn([stretch(0, 3600, 60)])
        twice.learn([stretch(0, 3600, 60), stretch(7200, 0, 60)])
        #expect(once.reading.quiet != nil && twice.reading == once.reading)
    }

    /// A scene that scores high for ever is no event for ever: after a while its own level counts.
    @Test func anEventThatNeverEndsIsTheScene() {
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        var machine = LabelEventMachine(rules: learned.rules)
        var kinds: [Transition.Kind] = []
        for second in 0..<4 * 3600 {
            let (score, time) = (Lead.score(ofLead: 4, temperature: 1), Duration.seconds(second))
            machine.observe(score: score, at: time) { kinds.append($0.kind) }
            if learned.observe(score: score, isOpen: machine.isOpen, at: time) { machine.replaceRules(learned.rules) }
        }
        #expect(kinds == [.started, .ended(.belowRelease)])
    }

    @Test func rareEventsDoNotRaiseIt() {
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        var machine = LabelEventMachine(rules: learned.rules)
        var starts = 0
        // Ten seconds of every five minutes.
        for second in 0..<8 * 3600 {
            let lead = second % 300 < 10 ? 4.0 : -2.0
            let (score, time) = (Lead.score(ofLead: lead, temperature: 1), Duration.seconds(second))
            machine.observe(score: score, at: time) { if case .started = $0.kind { starts += 1 } }
            if learned.observe(score: score, isOpen: machine.isOpen, at: time) { machine.replaceRules(learned.rules) }
        }
        #expect(abs(lead(learned) - (max(-2, Learned.floor) + Learned.margin)) < 0.14)
        #expect(starts == 96)
    }

    /// Time that was not watched counts for nothing.
    @Test func aGapIsNotWatched() {
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        watch(&learned, for: .seconds(100)) { _ in 0 }
        learned.interrupt()
        watch(&learned, from: .seconds(90_000), for: .seconds(100)) { _ in 0 }
        #expect(abs(learned.reading.watched / .seconds(1) - 200) < 1)
    }

    @Test func newRulesKeepTheLevel() {
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        watch(&learned, for: .seconds(6 * 3600)) { _ in 0 }
        let threshold = learned.rules.threshold
        var rules = Self.rules
        rules.cooldown = .seconds(9)
        learned.replaceRules(rules)
        #expect(learned.rules.threshold == threshold && learned.rules.cooldown == .seconds(9))
    }

    /// A minute that is taken for days gives what days of it give, up and down, and stays until enough was watched.
    @Test(arguments: [3.0, -2])
    func whatIsSettledIsWhereDaysOfTheSameLead(level: Double) {
        var days = LearnedThreshold(rules: Self.rules, temperature: 1)
        watch(&days, for: .seconds(6 * 3600)) { _ in level }
        var minute = LearnedThreshold(rules: Self.rules, temperature: 1)
        watch(&minute, for: .seconds(60)) { _ in level }
        #expect(minute.rules == Self.rules)
        minute.settle()
        #expect(abs(lead(minute) - lead(days)) < 0.02 && minute.rules.release < minute.rules.threshold)
        let settled = minute.rules
        watch(&minute, from: .seconds(61), for: .seconds(300)) { _ in 9 }
        #expect(minute.rules == settled)
    }

    @Test func nothingWatchedSettlesNothing() {
        var learned = LearnedThreshold(rules: Self.rules, temperature: 1)
        learned.settle()
        #expect(learned.rules == Self.rules && learned.reading.quiet == nil)
    }
}
