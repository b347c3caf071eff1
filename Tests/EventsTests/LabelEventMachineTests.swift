import Events
import Testing
import TestSupport

@Suite struct LabelEventMachineTests {
    static let rules = EventRules(
        threshold: 0.6,
        release: 0.4,
        minDuration: .seconds(1),
        hold: .seconds(2),
        cooldown: .seconds(10)
    )

    /// The transitions for scores that arrive every half second from 0 on.
    private func transitions(
        _ machine: inout LabelEventMachine,
        _ scores: [Double],
        from start: Double = 0
    ) -> [Transition] {
        scores.enumerated().compactMap { index, score in
            machine.observe(score: score, at: .seconds(start + Double(index) / 2))
        }
    }

    @Test func completeLifeOfAnEvent() {
        var machine = LabelEventMachine(rules: Self.rules)
        let seen = transitions(&machine, [0.1, 0.6, 0.7, 0.65, 0.8, 0.9, 0.5, 0.3, 0.2, 0.1, 0.1, 0.1, 0.1])
        let transition = { (kind: Transition.Kind, time: Duration, score: Double, top: Double) in
            Transition(
                kind: kind,
                startTime: .seconds(0.5),
                time: time,
                threshold: 0.6,
                score: score,
                topScore: top
            )
        }
        #expect(
            seen == [
                transition(.started, .seconds(1.5), 0.65, 0.7),
                transition(.updated, .seconds(2.5), 0.9, 0.9),
                transition(.ended(.belowRelease), .seconds(5.5), 0.1, 0.9),
            ]
        )
        #expect(!machine.isOpen)
    }

    @Test func shortRiseStartsNothing() {
        var machine = LabelEventMachine(rules: Self.rules)
        #expect(transitions(&machine, [0.9, 0.9, 0.1, 0.9, 0.9, 0.1]).isEmpty)
        #expect(machine.suppressedCount == 0)
    }

    @Test func zeroMinDurationStartsAtOnce() {
        var rules = Self.rules
        rules.minDuration = .zero
        var machine = LabelEventMachine(rules: rules)
        #expect(machine.observe(score: 0.6, at: .seconds(3))?.kind == .started)
    }

    @Test func zeroHoldEndsAtOnce() {
        var rules = Self.rules
        rules.minDuration = .zero
        rules.hold = .zero
        var machine = LabelEventMachine(rules: rules)
        _ = machine.observe(score: 0.6, at: .zero)
        #expect(machine.observe(score: 0.39, at: .zero)?.kind == .ended(.belowRelease))
    }

    @Test func betweenReleaseAndThresholdStaysOpen() {
        var machine = LabelEventMachine(rules: Self.rules)
        let scores = [0.6, 0.6, 0.6] + Array(repeating: 0.4, count: 40) + [0.39, 0.4, 0.39, 0.39, 0.39, 0.5]
        #expect(transitions(&machine, scores).map(\.kind) == [.started])
        #expect(machine.openEvent?.topScore == 0.6)
    }

    @Test func updatesAtMostOnceASecondAndNeverLosesTheTop() {
        var rules = Self.rules
        rules.minDuration = .zero
        var machine = LabelEventMachine(rules: rules)
        let scores = [0.6, 0.7, 0.65, 0.65, 0.65, 0.65]
        let seen = scores.enumerated().compactMap { machine.observe(score: $1, at: .milliseconds($0 * 300)) }
        #expect(seen.map(\.kind) == [.started, .updated])
        #expect(seen[1].time == .milliseconds(1200))
        #expect(seen[1].topScore == 0.7)
        #expect(seen[1].score == 0.65)
    }

    @Test func cooldownDelaysAStart() {
        var machine = LabelEventMachine(rules: Self.rules)
        _ = transitions(&machine, [0.6, 0.6, 0.6])
        #expect(machine.end(.sourceLost, at: .seconds(2))?.kind == .ended(.sourceLost))
        // Falls before the cooldown is over: suppressed, once.
        #expect(transitions(&machine, [0.9, 0.9, 0.9, 0.9, 0.1], from: 3).isEmpty)
        #expect(machine.suppressedCount == 1)
        // Still high when it is over: starts then, with the time of the rise.
        let late = transitions(&machine, Array(repeating: 0.8, count: 10), from: 9)
        #expect(late.map(\.kind) == [.started])
        #expect(late.first?.time == .seconds(12))
        #expect(late.first?.startTime == .seconds(9))
        #expect(machine.suppressedCount == 1)
    }

    @Test func endDiscardsARise() {
        var machine = LabelEventMachine(rules: Self.rules)
        #expect(machine.observe(score: 0.9, at: .zero) == nil)
        #expect(machine.end(.shutdown, at: .seconds(0.5)) == nil)
        #expect(machine.observe(score: 0.9, at: .seconds(1)) == nil)
        #expect(machine.end(.shutdown, at: .seconds(1.5)) == nil)
    }

    @Test func nanCountsAsZero() {
        var machine = LabelEventMachine(rules: Self.rules)
        let seen = transitions(&machine, [0.6, 0.6, 0.6] + Array(repeating: .nan, count: 5))
        #expect(seen.map(\.kind) == [.started, .ended(.belowRelease)])
        #expect(seen.last?.score == 0)
    }

    @Test func timeThatGoesBackwardsStandsStill() {
        var machine = LabelEventMachine(rules: Self.rules)
        #expect(machine.observe(score: 0.9, at: .seconds(10)) == nil)
        #expect(machine.observe(score: 0.9, at: .seconds(5)) == nil)
        #expect(machine.observe(score: 0.9, at: .seconds(10.9)) == nil)
        let started = machine.observe(score: 0.9, at: .seconds(11))
        #expect(started?.startTime == .seconds(10))
        #expect(machine.end(.shutdown, at: .seconds(1))?.time == .seconds(11))
    }

    @Test func newRulesKeepTheState() {
        var machine = LabelEventMachine(rules: Self.rules)
        _ = transitions(&machine, [0.6, 0.6, 0.6])
        var rules = Self.rules
        rules.threshold = 0.9
        rules.release = 0.7
        machine.replaceRules(rules)
        #expect(machine.isOpen)
        #expect(transitions(&machine, [0.6, 0.6, 0.6, 0.6, 0.6], from: 1.5).map(\.kind) == [.ended(.belowRelease)])
    }

    @Test func copyShowsWhatAScoreWouldDo() {
        var machine = LabelEventMachine(rules: Self.rules)
        _ = machine.observe(score: 0.6, at: .zero)
        var trial = machine
        #expect(trial.observe(score: 0.6, at: .seconds(1))?.kind == .started)
        #expect(!machine.isOpen)
        #expect(machine.observe(score: 0.5, at: .seconds(1)) == nil)
    }

    /// For any input, starts and ends alternate, updates lie between them, and times and top scores never decrease.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func exactlyOneEndPerStart(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func rules() -> EventRules {
            EventRules(
                threshold: .random(in: 0...1, using: &random),
                release: .random(in: 0...1, using: &random),
                minDuration: .milliseconds(Int.random(in: 0...2000, using: &random)),
                hold: .milliseconds(Int.random(in: 0...2000, using: &random)),
                cooldown: .milliseconds(Int.random(in: 0...5000, using: &random)),
                mergeGap: .milliseconds(max(0, Int.random(in: -2000...3000, using: &random)))
            )
        }
        var machine = LabelEventMachine(rules: rules())
        var seen: [Transition] = []
        var time = 0
        for _ in 0..<500 {
            time += Int.random(in: -200...900, using: &random)
            switch Int.random(in: 0..<50, using: &random) {
            case 0: machine.replaceRules(rules())
            case 1: seen += [machine.end(.sourceLost, at: .milliseconds(time))].compactMap(\.self)
            case 2: machine.observe(score: .nan, at: .milliseconds(time)) { seen.append($0) }
            case 3: machine.interrupt()
            default:
                let score = Double.random(in: 0...1, using: &random)
                machine.observe(score: score, at: .milliseconds(time)) { seen.append($0) }
            }
        }
        let wasOpen = machine.isOpen
        let last = machine.end(.shutdown, at: .milliseconds(time))
        #expect((last != nil) == wasOpen)
        seen += [last].compactMap(\.self)
        #expect(machine.end(.shutdown, at: .milliseconds(time)) == nil)

        var open: Transition?
        var latest = seen.first?.time ?? .zero
        for transition in seen {
            #expect(transition.time >= latest)
            #expect(transition.topScore >= transition.score)
            latest = transition.time
            switch transition.kind {
            case .started:
                #expect(open == nil)
                #expect(transition.startTime <= transition.time)
                open = transition
            case .updated:
                #expect(open?.startTime == transition.startTime)
                #expect(transition.topScore > open?.topScore ?? .infinity)
                #expect(transition.time - (open?.time ?? .zero) >= .seconds(1))
                open = transition
            case .ended:
                #expect(open?.startTime == transition.startTime)
                open = nil
            }
        }
        #expect(open == nil)
    }

    @Test func interruptionRestartsARiseAndAFall() {
        var machine = LabelEventMachine(
            rules: EventRules(
                threshold: 0.6,
                release: 0.4,
                minDuration: .seconds(2),
                hold: .seconds(2),
                cooldown: .zero
            )
        )
        #expect(machine.observe(score: 0.9, at: .seconds(0)) == nil)
        machine.interrupt()
        #expect(machine.observe(score: 0.9, at: .seconds(13)) == nil)
        #expect(machine.observe(score: 0.9, at: .seconds(15))?.startTime == .seconds(13))
        #expect(machine.observe(score: 0.1, at: .seconds(16)) == nil)
        machine.interrupt()
        #expect(machine.isOpen)
        #expect(machine.observe(score: 0.1, at: .seconds(29)) == nil)
        #expect(machine.observe(score: 0.1, at: .seconds(31))?.kind == .ended(.belowRelease))
    }
}
