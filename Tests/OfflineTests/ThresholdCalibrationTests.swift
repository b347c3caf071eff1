import Events
import Foundation
import Testing

@testable import Offline
@testable import System

/// The statistics of `calibrate`, against numbers from NumPy and by hand.
@Suite struct ThresholdCalibrationTests {
    private static let rules = EventRules(
        threshold: 0.6,
        release: 0.3,
        minDuration: .seconds(1),
        hold: .seconds(1),
        cooldown: .seconds(3)
    )

    /// A score a second, quiet at 0.1 but for three peaks of two seconds each.
    private func footage(_ seconds: Int, peaks: [(at: Int, score: Double)]) -> [(time: Duration, score: Double)] {
        var scores = [Double](repeating: 0.1, count: seconds)
        for (at, score) in peaks { (scores[at], scores[at + 1]) = (score, score) }
        return scores.enumerated().map { (time: .seconds($0), score: $1) }
    }

    private func calibration(_ traces: [[(time: Duration, score: Double)]]) -> ThresholdCalibration {
        let seconds = traces.reduce(0.0) { $0 + Double($1.count) }
        return ThresholdCalibration(traces: traces, seconds: seconds, rules: Self.rules, stretch: .seconds(10))
    }

    /// By bisection of the Poisson distribution in NumPy; the first is the rule of three.
    @Test(arguments: [(0, 2.9957), (1, 4.7439), (2, 6.2958), (5, 10.513), (10, 16.9622), (100, 118.0793)])
    func theUpperBoundIsThePoissons(count: Int, bound: Double) {
        #expect(abs(PoissonBound.upper(count) - bound) < 1e-4)
    }

    /// 200 peaks whose log-odds are exponential above −4 with decay 1.5, over 2 h; the figures are NumPy's.
    @Test func theTailIsTheMeanExcessOfTheHighest() throws {
        let peaks = (0..<200).map { index in
            let odds = -4 - 1.5 * log((Double(index) + 0.5) / 200)
            return 1 / (1 + exp(-odds))
        }
        let tail = try #require(ScoreTail(peaks: peaks.shuffled(), hours: 2))
        #expect(abs(tail.level - 0.420413164) < 1e-6)
        #expect(abs(tail.decay - 1.521823844) < 1e-6)
        #expect(tail.perHour == 5)
        #expect(abs(try #require(tail.score(exceeded: 1.0 / 24)) - 0.9995501436) < 1e-8)
        #expect(abs(try #require(tail.rate(above: 0.9)) - 1.5556352458) < 1e-6)
        #expect(tail.rate(above: 0.5) == nil, "below its level the tail says nothing")
        #expect(tail.score(exceeded: 6) == nil)
    }

    @Test func tooFewOrEqualPeaksHaveNoTail() {
        #expect(ScoreTail(peaks: Array(repeating: 0.2, count: 39), hours: 1) == nil)
        #expect(ScoreTail(peaks: Array(repeating: 0.2, count: 400), hours: 1) == nil)
    }

    @Test func whatIsSustainedIsTheLowestOfTheStretch() {
        let trace = [0.9, 0.2, 0.8, 0.7, 0.9, 0.1].enumerated().map { (time: Duration.seconds($0), score: $1) }
        let two = ThresholdCalibration.sustained(trace, for: .seconds(2))
        #expect(two.map(\.score) == [0.2, 0.2, 0.7, 0.1])
        #expect(ThresholdCalibration.sustained(trace, for: .zero).map(\.score) == trace.map(\.score))
        #expect(ThresholdCalibration.sustained(trace, for: .seconds(6)).isEmpty)
    }

    /// At any threshold an event begins where, and only where, what is sustained reaches it: held against the machines.
    @Test func sustainedScoresAreTheMachinesThresholds() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let trace = (0..<40).map {
                (time: Duration.milliseconds(500 * $0), score: Double.random(in: 0...1, using: &generator))
            }
            let top = ThresholdCalibration.sustained(trace, for: .seconds(1)).map(\.score).max() ?? 0
            #expect(!DetectedEvents.make(of: trace, rules: Self.rules.moved(to: top)).isEmpty)
            #expect(DetectedEvents.make(of: trace, rules: Self.rules.moved(to: top + 1e-9)).isEmpty)
        }
    }

    @Test func eachStretchGivesItsHighest() {
        let scores = [(0, 0.1), (4, 0.5), (9, 0.2), (10, 0.3), (31, 0.4), (32, 0.6)].map {
            (time: Duration.seconds($0.0), score: $0.1)
        }
        #expect(ThresholdCalibration.peaks(of: scores, stretch: .seconds(10)) == [0.5, 0.3, 0.6])
    }

    /// Twelve days a year's worth of footage would show; here 100 h and 20 events a day wanted: 83 are to be expected, so the
    /// footage decides: the threshold that lets the 83 highest through, or the next hundredth.
    @Test func longFootageDecidesAlone() {
        let peaks = (0..<300).map { (at: 40 + 1200 * $0, score: 0.5 + 0.0015 * Double($0)) }
        let calibration = calibration([footage(360_000, peaks: peaks)])
        #expect(calibration.present.events == peaks.count { $0.score >= 0.6 })
        guard case .threshold(let rate, .seen) = calibration.proposal(perDay: 20) else {
            Issue.record("\(calibration.proposal(perDay: 20))")
            return
        }
        let allowed = 20.0 * 100 / 24
        #expect(Double(rate.events) <= allowed)
        #expect(
            Double(peaks.count { $0.score >= rate.threshold - 0.01 }) > allowed,
            "a hundredth lower lets too many through"
        )
        #expect(rate.release == (rate.threshold / 2 * 100).rounded() / 100, "in the ratio of the rules")
        #expect(rate.events == peaks.count { $0.score >= rate.threshold })
    }

    /// 20 minutes do not show one a day: the proposal lies above all that was seen, and says that it knows little.
    @Test func shortFootageSaysThatItIsShort() {
        let calibration = calibration([footage(300, peaks: [(at: 40, score: 0.7)])])
        guard case .threshold(let rate, .little) = calibration.proposal(perDay: 1) else {
            Issue.record("\(calibration.proposal(perDay: 1))")
            return
        }
        #expect(rate.threshold == 0.71 && rate.events == 0)
        #expect(abs(rate.mostPerDay - 2.9957 * 24 * 12) < 0.1)
    }

    /// An hour whose peaks thin out slowly: one a day lies beyond them.
    @Test func theTailIsCarriedOnBeyondWhatWasSeen() {
        let peaks = (0..<100).map { index in
            let odds = -3 - 0.8 * log((Double(index) + 0.5) / 100)
            return (at: 5 + 36 * index, score: 1 / (1 + exp(-odds)))
        }
        let top = peaks.map(\.score).max() ?? 0
        let calibration = calibration([footage(3600, peaks: peaks)])
        guard case .threshold(let rate, .reckoned) = calibration.proposal(perDay: 1) else {
            Issue.record("\(calibration.proposal(perDay: 1))")
            return
        }
        #expect(rate.threshold > top && rate.events == 0)
        #expect(rate.reckonedPerDay ?? 9 <= 1)
        #expect(calibration.tail?.rate(above: rate.threshold - 0.011) ?? 0 > 1.0 / 24)
    }

    @Test func aLabelThatIsAlwaysUpHasNoThreshold() {
        let busy = footage(7200, peaks: (0..<300).map { (at: 20 * $0 + 5, score: 0.999) })
        #expect(calibration([busy]).proposal(perDay: 1) == .unreachable)
    }

    @Test func quietFootageLowersNoFurtherThanTheFloor() {
        let quiet = calibration([footage(4000, peaks: [])])
        guard case .threshold(let rate, _) = quiet.proposal(perDay: 1) else {
            Issue.record("no proposal")
            return
        }
        #expect(rate.threshold == ThresholdCalibration.floor && rate.release == 0.25)
    }
}
