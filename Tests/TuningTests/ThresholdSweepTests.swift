import Events
import Foundation
import Testing

@testable import Tuning

/// The table that thresholds are chosen from.
@Suite struct ThresholdSweepTests {
    private static let rules = EventRules(
        threshold: 0.6,
        release: 0.3,
        minDuration: .zero,
        hold: .zero,
        cooldown: .zero
    )

    /// `scipy.stats.binomtest(k, n).proportion_ci(method="wilson")`
    @Test(
        arguments: [
            (0, 5, 0.0, 0.43448246478317476),
            (3, 4, 0.30064184258240184, 0.9544127391902995),
            (40, 50, 0.6696289406777458, 0.8875624998422389),
            (7, 7, 0.6456695649333126, 1.0),
            (1, 1000, 0.00017654637062607809, 0.0056425585979579355),
        ]
    )
    func theIntervalIsWilsons(successes: Int, trials: Int, low: Double, high: Double) throws {
        let interval = try #require(WilsonInterval(successes, of: trials))
        #expect(abs(interval.low - low) < 1e-12 && abs(interval.high - high) < 1e-12)
    }

    /// Three of four: J = 3/4, F1 = 6/7, and the ends of J's interval carried over by the same formula.
    @Test func theIntervalOfAnF1HasTheF1WithinIt() throws {
        let interval = try #require(WilsonInterval.ofF1(matched: 3, emitted: 4, truths: 3))
        let ofShare = try #require(WilsonInterval(3, of: 4))
        #expect(
            interval.low == 2 * ofShare.low / (1 + ofShare.low)
                && interval.high == 2 * ofShare.high / (1 + ofShare.high)
        )
        #expect(interval.low < 6.0 / 7 && 6.0 / 7 < interval.high)
        #expect(WilsonInterval.ofF1(matched: 0, emitted: 0, truths: 0) == nil)
    }

    /// Scores of a second each: two true events that reach 0.9 and 0.97, false ones at 0.7 and 0.8.
    private let recording = ThresholdSweep.Recording(
        scores: [0.01, 0.7, 0.01, 0.9, 0.01, 0.8, 0.01, 0.97, 0.01].enumerated().map {
            (time: .seconds(10 * $0), score: $1)
        },
        truth: [TruthEvent(start: 30, end: 31), TruthEvent(start: 70, end: 71)]
    )

    @Test func theBestThresholdPartsTrueFromFalse() throws {
        let sweep = ThresholdSweep([recording], rules: Self.rules, tolerance: 1)
        let present = try #require(sweep.inForce.tally)
        #expect(sweep.inForce.threshold == 0.6 && sweep.inForce.release == 0.3)
        #expect(sweep.inForce.events == 4 && present.matched == 2 && present.precision == 0.5)
        let best = try #require(sweep.best)
        #expect(best.threshold > 0.8 && best.threshold <= 0.9 && best.tally?.f1 == 1)
        // In the middle, in log-odds, of ln 4 = 1.39 and ln 9 = 2.20.
        #expect(abs(log(best.threshold / (1 - best.threshold)) - 1.79) < 0.12)
        #expect(best.release == (best.threshold / 2 * 100).rounded() / 100)
    }

    /// An event that is open all the time meets the one that happens after a minute.
    @Test func anEventThatIsOpenAnywayIsKnownByItsDelay() {
        let open = ThresholdSweep.Recording(
            scores: (0..<10).map { (time: .seconds(10 * $0), score: 0.4) },
            truth: [TruthEvent(start: 60, end: 61)]
        )
        let sweep = ThresholdSweep([open], rules: Self.rules, tolerance: 1)
        #expect(sweep.best?.tally?.f1 == 1 && sweep.best?.tally?.delays.median == -60)
        #expect(sweep.bestIsOpenAnyway(window: 5) && !sweep.bestIsOpenAnyway(window: 60))
        let sound = ThresholdSweep([recording], rules: Self.rules, tolerance: 1)
        #expect(!sound.bestIsOpenAnyway(window: 0))
    }

    @Test func rowsThatSayTheSameAreOne() {
        let sweep = ThresholdSweep([recording], rules: Self.rules, tolerance: 1)
        #expect(sweep.rows.map(\.events) == [4, 3, 2, 1, 0])
        #expect(
            sweep.rows.first?.threshold == 0.05 && sweep.rows.map(\.threshold) == sweep.rows.map(\.threshold).sorted()
        )
    }

    @Test func withoutTruthThereIsNoBest() {
        var unknown = recording
        unknown.truth = nil
        let sweep = ThresholdSweep([unknown], rules: Self.rules, tolerance: 1)
        #expect(sweep.best == nil && sweep.inForce.tally == nil && sweep.inForce.events == 4)
        // A label that is never seen has no best threshold either.
        let blind = ThresholdSweep.Recording(
            scores: [(time: .zero, score: 0.01)],
            truth: [TruthEvent(start: 0, end: 1)]
        )
        #expect(ThresholdSweep([blind], rules: Self.rules, tolerance: 1).best == nil)
    }
}
