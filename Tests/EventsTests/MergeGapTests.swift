import Events
import Testing

/// An end waits for the merge gap. A score that returns in time continues the same event.
@Suite struct MergeGapTests {
    /// `minDuration` and `hold` of 1 s, a merge gap of 5 s and a longer cooldown.
    static let rules = EventRules(
        threshold: 0.6,
        release: 0.4,
        minDuration: .seconds(1),
        hold: .seconds(1),
        cooldown: .seconds(8),
        mergeGap: .seconds(5)
    )

    /// The transitions for scores that arrive once a second from 0 on.
    private func transitions(_ scores: [Double], _ change: (inout EventRules) -> Void = { _ in }) -> [Transition] {
        var rules = Self.rules
        change(&rules)
        var machine = LabelEventMachine(rules: rules)
        var seen: [Transition] = []
        for (second, score) in scores.enumerated() {
            machine.observe(score: score, at: .seconds(second)) { seen.append($0) }
        }
        return seen
    }

    private func zeros(_ count: Int) -> [Double] { Array(repeating: 0, count: count) }

    /// High at 0 and 1, low at 2 and 3: without a gap the event would end at 3.
    private let bout = [0.7, 0.8, 0.1, 0.2]

    @Test func delayedEndHasItsOriginalTime() {
        let merged = transitions(bout + zeros(6))
        let plain = transitions(bout + zeros(6)) { $0.mergeGap = .zero }
        #expect(merged == plain)
        #expect(merged.last?.time == .seconds(3))
        #expect(merged.last?.score == 0.2)
        // The gap is over at 8 and not earlier.
        #expect(transitions(bout + zeros(4)).map(\.kind) == [.started])
        #expect(transitions(bout + zeros(5)).map(\.kind) == [.started, .ended(.belowRelease)])
    }

    @Test func returnInTimeContinuesTheEventDespiteTheCooldown() {
        let seen = transitions(bout + [0, 0, 0.9, 0.9, 0, 0] + zeros(6))
        #expect(seen.map(\.kind) == [.started, .updated, .ended(.belowRelease)])
        #expect(seen.allSatisfy { $0.startTime == .zero })
        #expect(seen[1].time == .seconds(7))
        #expect(seen[2].time == .seconds(9))
        #expect(seen[2].topScore == 0.9)
        // Without the gap, the cooldown suppresses the second bout.
        let plain = transitions(bout + [0, 0, 0.9, 0.9, 0, 0] + zeros(6)) { $0.mergeGap = .zero }
        #expect(plain.map(\.kind) == [.started, .ended(.belowRelease)])
        #expect(plain.last?.topScore == 0.8)
    }

    @Test func startOfTheRiseDecidesNotTheEndOfMinDuration() {
        // Rises at 9, 4 s after the end. Has held for `minDuration` at 11, when the gap is over.
        let long: (inout EventRules) -> Void = { $0.minDuration = .seconds(2) }
        let seen = transitions([0.7, 0.7] + bout + [0, 0, 0, 0.7, 0.7, 0.7] + zeros(9), long)
        #expect(seen.map(\.kind) == [.started, .updated, .ended(.belowRelease)])
        #expect(seen.last?.time == .seconds(13))
        // It falls before it has held for `minDuration`: the end is reported at once.
        let gone = transitions([0.7, 0.7] + bout + [0, 0, 0, 0.7, 0.7, 0], long)
        #expect(gone.map(\.kind) == [.started, .updated, .ended(.belowRelease)])
        #expect(gone.last?.time == .seconds(5))
    }

    /// This distinguishes the merge gap from `hold`.
    @Test func scoreAboveTheReleaseAloneDoesNotContinueTheEvent() {
        let seen = transitions(bout + [0.5, 0.5, 0.5, 0.5, 0.5])
        #expect(seen.map(\.kind) == [.started, .ended(.belowRelease)])
        #expect(seen.last?.time == .seconds(3))
        // Neither does a flicker shorter than `minDuration`. Its score does not count for the event.
        let flicker = transitions(bout + [0.9, 0, 0.9, 0, 0, 0])
        #expect(flicker.map(\.kind) == [.started, .ended(.belowRelease)])
        #expect(flicker.last?.topScore == 0.8)
    }

    @Test func laterStartIsANewEvent() {
        let apart = transitions(bout + zeros(4) + [0.7, 0.7]) { $0.cooldown = .zero }
        #expect(apart.map(\.kind) == [.started, .ended(.belowRelease), .started])
        #expect(apart.last?.startTime == .seconds(8))
        // The score that reports the end may start the next event itself.
        let atOnce = transitions([0.7, 0.1] + zeros(4) + [0.9]) {
            ($0.cooldown, $0.minDuration, $0.hold) = (.zero, .zero, .zero)
        }
        #expect(atOnce.map(\.kind) == [.started, .ended(.belowRelease), .started])
        #expect(atOnce.map(\.time) == [.zero, .seconds(1), .seconds(6)])
        #expect(atOnce.map(\.topScore) == [0.7, 0.7, 0.9])
    }

    @Test func cooldownCountsFromTheDelayedEnd() {
        // Over at 3, reported at 8: the next event may start from 11 on.
        let seen = transitions(bout + zeros(5) + [0.7, 0.7, 0.7])
        #expect(seen.map(\.kind) == [.started, .ended(.belowRelease), .started])
        #expect(seen.last?.time == .seconds(11))
    }

    @Test func otherEndingsReportTheDelayedEnd() {
        var machine = LabelEventMachine(rules: Self.rules)
        for (second, score) in bout.enumerated() { _ = machine.observe(score: score, at: .seconds(second)) }
        #expect(machine.stage == .waiting)
        #expect(machine.isOpen)
        machine.interrupt()
        let end = machine.end(.shutdown, at: .seconds(6))
        #expect(end?.kind == .ended(.belowRelease))
        #expect(end?.time == .seconds(3))
        #expect(!machine.isOpen)
        #expect(machine.end(.shutdown, at: .seconds(7)) == nil)
    }

    @Test func continuedEventsAreCounted() {
        var machine = LabelEventMachine(rules: Self.rules)
        for (second, score) in (bout + bout + bout + zeros(6)).enumerated() {
            _ = machine.observe(score: score, at: .seconds(second))
        }
        #expect(machine.mergedCount == 2)
        #expect(machine.suppressedCount == 0)
    }
}
