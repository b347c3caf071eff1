import Events
import Foundation
import ScoreHistory
import Testing
import TestSupport
import Text

@testable import System
@testable import Tuning

/// The statistics of `calibrate`, against SciPy's numbers and by hand.
@Suite struct ThresholdCalibrationTests {
    static let rules = EventRules(
        threshold: 0.6,
        release: 0.3,
        minDuration: .seconds(1),
        hold: .seconds(1),
        cooldown: .seconds(3)
    )

    /// A lead a second, quiet at -2 but for peaks of two seconds each.
    private func trace(_ seconds: Int, peaks: [(at: Int, lead: Double)]) -> [(time: Duration, lead: Double)] {
        var leads = [Double](repeating: -2, count: seconds)
        for (at, lead) in peaks { (leads[at], leads[at + 1]) = (lead, lead) }
        return leads.enumerated().map { (time: .seconds($0), lead: $1) }
    }

    private func calibration(
        _ seconds: Int,
        peaks: [(at: Int, lead: Double)],
        rules: EventRules = rules,
        temperature: Double = 1
    ) -> ThresholdCalibration {
        var footage = QuietFootage()
        footage.add(trace: trace(seconds, peaks: peaks), of: "quiet.mp4", seconds: Double(seconds))
        return ThresholdCalibration(footage, rules: rules, temperature: temperature)
    }

    /// `scipy.stats.gamma.ppf(share, shape)`
    @Test(
        arguments: [
            (0.975, 1, 3.6888794541139354), (0.975, 3, 7.22468766772396), (0.025, 2.5, 0.41560580674333125),
            (0.975, 0.7, 3.020256391314354), (0.5, 100, 99.66686491931549), (0.975, 4000, 4124.903423555152),
        ]
    )
    func theQuantilesAreSciPys(share: Double, shape: Double, value: Double) {
        #expect(abs(GammaDistribution.quantile(share, shape: shape) / value - 1) < 1e-9)
    }

    /// Garwood's interval: `chi2.ppf(0.025, 2n) / 2` and `chi2.ppf(0.975, 2n + 2) / 2`.
    @Test(
        arguments: [
            (0, 0, 3.6888794541139354), (1, 0.025317807984289876, 5.571643390938898),
            (5, 1.6234863901184207, 11.66833207932267), (20, 12.216519585403944, 30.8883779026746),
        ]
    )
    func singleEventsHaveThePoissonInterval(count: Int, least: Double, most: Double) {
        let rate = EventRate(starts: [(0..<count).map { Double($0) * 7200 }], days: 1)
        #expect(rate.passages == Array(repeating: 1, count: count))
        #expect(abs(rate.least - least) < 1e-9 && abs(rate.most - most) < 1e-9)
    }

    @Test func aPassageIsAsRichAsTheRichest() {
        let storm = [0.0, 60, 900, 2000, 3700]
        let rate = EventRate(starts: [storm + [50_000], [100]], days: 2)
        #expect(rate.passages == [5, 1, 1] && rate.events == 7 && rate.perDay == 3.5)
        // Γ⁻¹(97.5 %; 4) = chi2.ppf(0.975, 8) / 2
        #expect(abs(rate.most - 5 * 8.767273069742323 / 2) < 1e-6)
        #expect(EventRate(starts: [], days: 1, largest: 4).most == 4 * EventRate(starts: [], days: 1).most)
        #expect(EventRate(starts: [], days: 0).most == .infinity)
    }

    @Test func whatIsHeldIsTheLowestOfTheStretch() {
        let trace = [0.9, 0.2, 0.8, 0.7, 0.9, 0.1].enumerated().map { (time: Duration.seconds($0), value: $1) }
        let two = HeldLeads.of(trace, for: .seconds(2))
        #expect(two.map(\.value) == [0.2, 0.2, 0.7, 0.1] && two.map(\.complete) == [2, 3, 4, 5].map { .seconds($0) })
        #expect(HeldLeads.of(trace, for: .zero).map(\.value) == trace.map(\.value))
        #expect(HeldLeads.of(trace, for: .seconds(6)).isEmpty)
    }

    /// At any threshold an event begins where, and only where, what is held reaches it: held against the machines.
    @Test func heldLeadsAreTheMachinesThresholds() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let trace = (0..<40).map {
                (time: Duration.milliseconds(500 * $0), value: Double.random(in: 0...1, using: &generator))
            }
            let scores = trace.map { (time: $0.time, score: $0.value) }
            let top = HeldLeads.of(trace, for: .seconds(1)).map(\.value).max() ?? 0
            #expect(!DetectedEvents.make(of: scores, rules: Self.rules.moved(to: top)).isEmpty)
            #expect(DetectedEvents.make(of: scores, rules: Self.rules.moved(to: top + 1e-9)).isEmpty)
        }
    }

    /// The samples that are left out decide nothing: the same events at each threshold.
    @Test func thinnedFootageHasTheSameEvents() {
        var generator = SeededGenerator(seed: 8)
        for round in 0..<100 {
            var rules = Self.rules
            rules.mergeGap = round % 2 == 0 ? .zero : .seconds(4)
            var level = -2.0
            let trace = (0..<600).map { index in
                level = 0.9 * level + Double.random(in: -1...0.95, using: &generator)
                return (time: Duration.milliseconds(500 * index), lead: level)
            }
            var footage = QuietFootage()
            footage.add(trace: trace, of: "quiet.mp4", seconds: 300)
            let thinned = footage.thinned(below: -1.5, rules)
            for threshold in stride(from: -1.0, through: 2, by: 0.5) {
                (rules.threshold, rules.release) = (threshold, max(-1.5, threshold - 1))
                #expect(footage.starts(rules) == thinned.starts(rules))
            }
        }
    }

    /// Twenty minutes show nothing: the threshold stays where it is, however quiet they are, and what would show it is said.
    @Test func littleQuietFootageLowersNothing() {
        for threshold in [0.6, 0.94] {
            var rules = Self.rules
            rules.threshold = threshold
            let proposal = calibration(1200, peaks: [], rules: rules).proposal(perDay: 1)
            #expect(proposal.trial == nil && proposal.basis == .short)
            #expect(abs(proposal.daysNeeded - 3.6888794541) < 1e-6)
        }
        let present = calibration(1200, peaks: []).present.rate
        #expect(present.events == 0 && present.least == 0)
        #expect(abs(present.most - 3.6888794541 * 72) < 1e-3, "none seen is not none a day")
    }

    /// Five days without an event above a lead of 1.2 show one a day; the threshold may fall to just above it.
    @Test func enoughQuietFootageLowersAsFarAsItShows() throws {
        var rules = Self.rules
        rules.threshold = 0.94
        let peaks = (0..<40).map { (at: 5000 + 10_000 * $0, lead: 1.2 - 0.02 * Double($0)) }
        let proposal = calibration(432_000, peaks: peaks, rules: rules).proposal(perDay: 1)
        let trial = try #require(proposal.trial)
        #expect(proposal.basis == .shown && trial.lead > 1.2 && trial.lead < 1.3)
        #expect(trial.rate.events == 0 && trial.rate.most <= 1)
        // Of 0.30 / 0.94 by ratio, in hundredths.
        #expect(trial.release == (0.3 * trial.threshold / 0.94 * 100).rounded() / 100)
        #expect(trial.threshold == ThresholdCalibration.written(trial.threshold))
    }

    /// Where the footage has more than was asked for, the threshold rises above all of it, and that is an estimate.
    @Test func tooManyEventsRaiseWithoutAPromise() throws {
        let peaks = [(at: 40, lead: 2.0), (at: 400, lead: 4.6), (at: 800, lead: 3.0)]
        let proposal = calibration(1200, peaks: peaks).proposal(perDay: 1)
        let trial = try #require(proposal.trial)
        #expect(proposal.basis == .estimated && trial.lead > 4.6 && trial.lead < 4.7 && trial.rate.events == 0)
        // Twelve are enough for an exponential tail: a mean excess of (2.1 - 0.405) / (1 + 1/2 + … + 1/12) over the lead in
        // force, 0.405, and 864 a day, whose logarithm is 6.7616.
        let many = (0..<12).map { (at: 40 + 90 * $0, lead: 1.0 + 0.1 * Double($0)) }
        let tail = try #require(calibration(1200, peaks: many).proposal(perDay: 1).trial)
        #expect(abs(tail.lead - (0.405 + 1.695 / 3.1032 * 6.7616)) < 0.05)
    }

    /// What was counted, so that a person sees whether it was false: where it is, the highest first.
    @Test func whatIsCountedIsNamed() {
        let peaks = [(at: 40, lead: 2.0), (at: 400, lead: 4.6), (at: 800, lead: 0.3)]
        #expect(
            calibration(1200, peaks: peaks).counted == [
                CountedEvent(moment: .recorded("quiet.mp4", 400), top: 4.6),
                CountedEvent(moment: .recorded("quiet.mp4", 40), top: 2.0),
            ]
        )
        var footage = QuietFootage()
        let minutes = [(start: 60.0, held: 1.0), (start: 86_400, held: 3), (start: 90_000, held: 0.1)]
        footage.add(minutes: minutes, seconds: 180)
        #expect(
            ThresholdCalibration(footage, rules: Self.rules, temperature: 1).counted == [
                CountedEvent(moment: .past(UTCTime(microseconds: 86_400_000_000)), top: 3),
                CountedEvent(moment: .past(UTCTime(microseconds: 60_000_000)), top: 1),
            ]
        )
    }

    /// 0.99 is no limit: labels whose true peaks stand at 10 have quiet scenes at 7.
    @Test func thresholdsMayLieFarAbove() throws {
        let peaks = (0..<12).map { (at: 5000 + 30_000 * $0, lead: 7.0 + 0.01 * Double($0)) }
        let trial = try #require(calibration(432_000, peaks: peaks).proposal(perDay: 1).trial)
        #expect(trial.lead > 7.11 && trial.lead < 7.2 && trial.threshold > 0.999)
        #expect(String(describing: trial.threshold).count <= 8)
    }

    @Test func noProposalIsBelowTheFloor() throws {
        let trial = try #require(calibration(864_000, peaks: []).proposal(perDay: 1).trial)
        #expect(trial.threshold == ThresholdCalibration.floor && trial.release == 0.25)
        var low = Self.rules
        (low.threshold, low.release) = (0.2, 0.1)
        #expect(calibration(864_000, peaks: [], rules: low).proposal(perDay: 1).trial?.threshold == 0.2)
    }

    @Test(
        arguments: [
            (0.8214, 0.83), (0.83, 0.83), (0.5, 0.5), (0.94, 0.94), (0.94123, 0.942), (0.99591, 0.996),
            (0.99996712, 0.999968),
        ]
    )
    func thresholdsAreWrittenAsPeopleWriteThem(score: Double, written: Double) {
        #expect(ThresholdCalibration.written(score) == written)
    }

    /// A lead of 3 at a temperature of 2 is a score of 0.818.
    @Test func theTemperatureIsAppliedOnce() throws {
        let peaks = [(at: 40, lead: 3.0)]
        #expect(calibration(600, peaks: peaks, temperature: 2).trial(at: 0.81).rate.events == 1)
        #expect(calibration(600, peaks: peaks, temperature: 2).trial(at: 0.82).rate.events == 0)
    }
}
