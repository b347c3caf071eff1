import Events
import Testing

/// An end waits for the merge gap: what comes back in time goes on with the same event.
@Suite struct MergeGapTests {
    /// min_duration and hold of 1 s, a cooldown longer than the gap of 5 s.
    static let rules = EventRules(
        threshold: 0.6,
        release: 0.4,
        minDuration: .seconds(1),
        hold: .seconds(1),
        cooldown: .seconds(8),
        mergeGap: .seconds(5)
    )

    /// The transitions of scores that come once a second from 0 on.
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

    /// Up at 0 and 1, down at 2 and 3: over at 3, were there no gap.
    private let bout = [0.7, 0.8, 0.1, 0.2]

    @Test func anEndThatWaitedIsTheEndItWouldHaveBeen() {
        let merged = transitions(bout + zeros(6))
        let plain = transitions(bout + zeros(6)) { $0.mergeGap = .zero }
        #expect(merged == plain)
        #expect(merged.last?.time == .seconds(3))
        #expect(merged.last?.score == 0.2)
        // The gap is over at 8 and no sooner.
        #expect(transitions(bout + zeros(4)).map(\.kind) == [.started])
        #expect(transitions(bout + zeros(5)).map(\.kind) == [.started, .ended(.belowRelease)])
    }

    @Test func whatComesBackInTimeIsTheSameEventInSpiteOfTheCooldown() {
        let seen = transitions(bout + [0, 0, 0.9, 0.9, 0, 0] + zeros(6))
        #expect(seen.map(\.kind) == [.started, .updated, .ended(.belowRelease)])
        #expect(seen.allSatisfy { $0.startTime == .zero })
        #expect(seen[1].time == .seconds(7))
        #expect(seen[2].time == .seconds(9))
        #expect(seen[2].topScore == 0.9)
        // Without the gap the cooldown swallows the second bout.
        let plain = transitions(bout + [0, 0, 0.9, 0.9, 0, 0] + zeros(6)) { $0.mergeGap = .zero }
        #expect(plain.map(\.kind) == [.started, .ended(.belowRelease)])
        #expect(plain.last?.topScore == 0.8)
    }

    @Test func theStartCountsNotItsProof() {
        // Rises at 9, 4 s after the end; is proven at 11, when the gap is over.
        let long: (inout EventRules) -> Void = { $0.minDuration = .seconds(2) }
        let seen = transitions([0.7, 0.7] + bout + [0, 0, 0, 0.7, 0.7, 0.7] + zeros(9), long)
        #expect(seen.map(\.kind) == [.started, .updated, .ended(.belowRelease)])
        #expect(seen.last?.time == .seconds(13))
        // It falls before it is proven: the end is told at once.
        let gone = transitions([0.7, 0.7] + bout + [0, 0, 0, 0.7, 0.7, 0], long)
        #expect(gone.map(\.kind) == [.started, .updated, .ended(.belowRelease)])
        #expect(gone.last?.time == .seconds(5))
    }

    /// This is what tells it from `hold`.
    @Test func aScoreAboveTheReleaseAloneDoesNotGoOn() {
        let seen = transitions(bout + [0.5, 0.5, 0.5, 0.5, 0.5])
        #expect(seen.map(\.kind) == [.started, .ended(.belowRelease)])
        #expect(seen.last?.time == .seconds(3))
        // Nor does a flicker that is shorter than min_duration; its score is no part of the event.
        let flicker = transitions(bout + [0.9, 0, 0.9, 0, 0, 0])
        #expect(flicker.map(\.kind) == [.started, .ended(.belowRelease)])
        #expect(flicker.last?.topScore == 0.8)
    }

    @Test func whatComesLaterIsAnEventOfItsOwn() {
        let apart = transitions(bout + zeros(4) + [0.7, 0.7]) { $0.cooldown = .zero }
        #expect(apart.map(\.kind) == [.started, .ended(.belowRelease), .started])
        #expect(apart.last?.startTime == .seconds(8))
        // The score that tells of the end may start the next event itself.
        let atOnce = transitions([0.7, 0.1] + zeros(4) + [0.9]) {
            ($0.cooldown, $0.minDuration, $0.hold) = (.zero, .zero, .zero)
        }
        #expect(atOnce.map(\.kind) == [.started, .ended(.belowRelease), .started])
        #expect(atOnce.map(\.time) == [.zero, .seconds(1), .seconds(6)])
        #expect(atOnce.map(\.topScore) == [0.7, 0.7, 0.9])
    }

    @Test func theCooldownCountsFromTheEndThatWaited() {
        // Over at 3, told at 8: the next may start from 11 on.
        let seen = transitions(bout + zeros(5) + [0.7, 0.7, 0.7])
        #expect(seen.map(\.kind) == [.started, .ended(.belowRelease), .started])
        #expect(seen.last?.time == .seconds(11))
    }

    @Test func whateverElseEndsItTellsTheEndThatWaited() {
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

    @Test func whatWentOnIsCounted() {
        var machine = LabelEventMachine(rules: Self.rules)
        for (second, score) in (bout + bout + bout + zeros(6)).enumerated() {
            _ = machine.observe(score: score, at: .seconds(second))
        }
        #expect(machine.mergedCount == 2)
        #expect(machine.suppressedCount == 0)
    }
}
