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
