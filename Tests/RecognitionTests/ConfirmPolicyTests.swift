import Events
import Foundation
import Testing
import XCLIP

@testable import Recognition
@testable import System

@Suite struct ConfirmPolicyTests {
    private let rules = EventRules(
        threshold: 0.6,
        release: 0.4,
        minDuration: .zero,
        hold: .zero,
        cooldown: .zero
    )

    private func ask(
        _ confirmation: inout ConfirmPolicy,
        scores: [Double],
        machines: [LabelEventMachine],
        at time: Duration,
        expecting expected: Bool
    ) {
        let isNeeded = confirmation.isNeeded(scores: scores, machines: machines, at: time)
        #expect(isNeeded == expected)
    }

    @Test func startInsideTheBandIsAlwaysConfirmed() {
        var confirmation = ConfirmPolicy(interval: .seconds(100), reuse: .cached)
        let machine = LabelEventMachine(rules: rules)
        for second in 0..<5 {
            let isNeeded = confirmation.isNeeded(scores: [0.65], machines: [machine], at: .seconds(second))
            #expect(isNeeded)
        }
    }

    @Test func scoreFarFromItsThresholdDecidesAlone() {
        var confirmation = ConfirmPolicy(interval: .seconds(1), reuse: .cached)
        let machine = LabelEventMachine(rules: rules)
        ask(&confirmation, scores: [0.95], machines: [machine], at: .seconds(0), expecting: false)
        ask(&confirmation, scores: [0.45], machines: [machine], at: .seconds(1), expecting: false)
    }

    /// Drift may hide a start, so a score just below the threshold is confirmed too, but not at every step for ever.
    @Test func hoveringScoreIsConfirmedOncePerIntervalInTheLongRun() {
        var confirmation = ConfirmPolicy(interval: .seconds(4), reuse: .cached)
        let machine = LabelEventMachine(rules: rules)
        let confirmed = (0..<16).filter {
            confirmation.isNeeded(scores: [0.55], machines: [machine], at: .seconds($0))
        }
        // Four are saved, and each four seconds earn another.
        #expect(confirmed == [0, 1, 2, 3, 4, 8, 12])
        #expect(confirmation.counts.hovering == 7 && confirmation.counts.spared == 9)
        // A pause earns four again, not more.
        let later = (100..<110).filter {
            confirmation.isNeeded(scores: [0.55], machines: [machine], at: .seconds($0))
        }
        #expect(later == [100, 101, 102, 103, 104, 108])
        #expect(confirmation.counts.changing == 0)
    }

    @Test func openEventIsComparedWithItsRelease() {
        var confirmation = ConfirmPolicy(interval: .seconds(100), reuse: .cached)
        var machine = LabelEventMachine(rules: rules)
        _ = machine.observe(score: 0.9, at: .zero)
        ask(&confirmation, scores: [0.62], machines: [machine], at: .seconds(1), expecting: false)
        ask(&confirmation, scores: [0.35], machines: [machine], at: .seconds(2), expecting: true)
    }

    /// Neither step is reported to subscribers, but both decide what is reported later.
    @Test func endAndResumptionOfAMergeableEventAreConfirmed() {
        var confirmation = ConfirmPolicy(interval: .seconds(100), reuse: .cached)
        var rules = rules
        rules.mergeGap = .seconds(50)
        var machine = LabelEventMachine(rules: rules)
        _ = machine.observe(score: 0.9, at: .zero)
        ask(&confirmation, scores: [0.35], machines: [machine], at: .seconds(1), expecting: true)
        _ = machine.observe(score: 0.35, at: .seconds(1))
        ask(&confirmation, scores: [0.35], machines: [machine], at: .seconds(2), expecting: false)
        ask(&confirmation, scores: [0.62], machines: [machine], at: .seconds(3), expecting: true)
    }

    /// Steps in int8 that drift by 0.3, and exact passes in int8 that drift by 0.05.
    private func int8Policy(interval: Duration = .seconds(100)) -> ConfirmPolicy {
        var confirmation = ConfirmPolicy(interval: interval, reuse: .cached, precision: .int8)
        for _ in 0..<8 { confirmation.add(step: 0.3, int8: 0.05) }
        return confirmation
    }

    @Test func int8IsAskedFirstOnceAuditsShowThatItDriftsLess() {
        #expect(!ConfirmPolicy(interval: .seconds(1), reuse: .cached).asksInt8First)
        for reuse in [ReuseLevel.sweep, .cached] {
            var confirmation = ConfirmPolicy(interval: .seconds(1), reuse: reuse, precision: .int8)
            #expect(!confirmation.asksInt8First)
            for _ in 0..<64 { confirmation.add(step: 0.2, int8: 0.11) }
            #expect(!confirmation.asksInt8First)
            for _ in 0..<64 { confirmation.add(step: 0.2, int8: 0.09) }
            #expect(confirmation.asksInt8First)
            #expect(confirmation.drift.band == 0.2 && confirmation.int8Drift?.band == 0.09)
            #expect(confirmation.int8Drift?.largest == 0.11)
        }
        #expect(ConfirmPolicy(interval: .seconds(1), reuse: .cached).int8Drift == nil)
    }

    /// Without instructions for int8 its pass costs more, so its band must be narrower.
    @Test func withoutInstructionsForInt8ItIsAskedFirstOnlyIfItDriftsMuchLess() {
        for (int8, isAccelerated, expected) in [(0.09, true, true), (0.09, false, false), (0.06, false, true)] {
            var confirmation = ConfirmPolicy(
                interval: .seconds(1),
                reuse: .cached,
                precision: .int8,
                isAccelerated: isAccelerated
            )
            for _ in 0..<64 { confirmation.add(step: 0.2, int8: int8) }
            #expect(confirmation.asksInt8First == expected)
        }
    }

    /// The exact pass in int8 decides without the published model only outside its own band, and only if nothing changes.
    @Test func int8LeavesOpenWhatIsInItsBandAndWhatChanges() {
        let machine = LabelEventMachine(rules: rules)
        var confirmation = int8Policy()
        func ask(_ step: Double, int8: Double, expecting expected: Bool) {
            let isNeeded = confirmation.isNeeded(scores: [step], machines: [machine], at: .zero)
            let isLeftOpen = confirmation.isLeftOpen(scores: [int8], machines: [machine], at: .zero, wasAsked: true)
            #expect(isNeeded && isLeftOpen == expected, "\(step), \(int8)")
        }
        ask(0.5, int8: 0.5, expecting: false)
        ask(0.5, int8: 0.57, expecting: true)
        // A start that int8 denies needs nobody else. One that it sees, even far from the threshold, needs the published model.
        ask(0.65, int8: 0.5, expecting: false)
        ask(0.65, int8: 0.64, expecting: true)
        ask(0.65, int8: 0.98, expecting: true)
        #expect(confirmation.counts.settled == 2 && confirmation.counts.hovering == 1)
        #expect(confirmation.counts.changing == 2 && confirmation.counts.spared == 0)
    }

    /// Credit is for decisions, whichever pass they cost.
    @Test func hoveringScoreIsAskedInInt8AsOftenAsOtherwise() {
        let machine = LabelEventMachine(rules: rules)
        var confirmation = int8Policy(interval: .seconds(4))
        var asked: [Int] = []
        for second in 0..<16 where confirmation.isNeeded(scores: [0.5], machines: [machine], at: .seconds(second)) {
            asked.append(second)
            let isLeftOpen = confirmation.isLeftOpen(
                scores: [0.5],
                machines: [machine],
                at: .seconds(second),
                wasAsked: true
            )
            #expect(!isLeftOpen)
        }
        #expect(asked == [0, 1, 2, 3, 4, 8, 12])
        #expect(confirmation.counts.settled == 7 && confirmation.counts.spared == 9)
        #expect(confirmation.counts.confirmed == 0)
    }

    /// After a cut, a pass in int8 runs that nobody asked for. What it leaves open counts, what it settles does not, even if one
    /// that was asked for before came to no result.
    @Test func passThatWasNotAskedForSettlesNothing() {
        let machine = LabelEventMachine(rules: rules)
        var confirmation = int8Policy()
        ask(&confirmation, scores: [0.5], machines: [machine], at: .zero, expecting: true)
        let settled = confirmation.isLeftOpen(scores: [0.1], machines: [machine], at: .zero, wasAsked: false)
        #expect(!settled && confirmation.counts == ConfirmPolicy.Counts())
        let open = confirmation.isLeftOpen(scores: [0.98], machines: [machine], at: .zero, wasAsked: false)
        #expect(open && confirmation.counts.changing == 1)
    }

    @Test func bandFollowsTheAudits() {
        var drift = DriftEstimate(reuse: .cached)
        #expect(drift.band == 0.1 && DriftEstimate(reuse: .sweep).band == 0.03)
        for _ in 0..<99 { drift.add(0.05) }
        #expect(drift.band == 0.05)
        for _ in 0..<64 { drift.add(0.0001) }
        #expect(drift.band == DriftEstimate.narrowestBand)
        for _ in 0..<64 { drift.add(0.9) }
        #expect(drift.band == DriftEstimate.widestBand)
        #expect(drift.largest == 0.9)
    }

    /// The sigmoid of a logit that drifts by 0.1, around the logits of these scores.
    @Test(arguments: [0.02, 0.2, 0.5, 0.6, 0.94, 0.999])
    func bandIsAsWideAsALogitsDriftMovesAScoreThere(edge: Double) {
        var drift = DriftEstimate(reuse: .cached)
        for _ in 0..<8 { drift.add(moved(0.5) - 0.5) }
        #expect(abs(drift.band(around: edge) / (moved(edge) - edge) - 1) < 0.06)
    }

    private func moved(_ score: Double) -> Double { 1 / (1 + exp(-(log(score / (1 - score)) + 0.1))) }
}
