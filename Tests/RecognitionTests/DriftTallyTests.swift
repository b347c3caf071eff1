import Events
import Testing

@testable import Recognition

@Suite struct DriftTallyTests {
    @Test func countsEqualThoseComputedByHand() throws {
        var tally = DriftTally()
        tally.add(exact: ([1, 3], [0.5, 0.7]), level: ([1.5, 2], [0.55, 0.5]), thresholds: [0.6, 0.6])
        tally.add(exact: ([2, 2.5], [0.2, 0.6]), level: ([2.75, 2.5], [0.3, 0.6]), thresholds: [0.6, 0.6])
        #expect(tally.decisions == 2)
        #expect(tally.logitDrift.values == [0.5, 1, 0.75, 0])
        #expect(tally.logitDrift.mean == 0.5625)
        #expect(tally.logitDrift.largest == 1)
        let scores = [0.05, 0.2, 0.1, 0]
        #expect(zip(tally.scoreDrift.values, scores).allSatisfy { abs($0 - $1) < 1e-12 })
        // In the first decision, the second label falls below the threshold. A score at the threshold is not below it.
        #expect(tally.crossedShare == 0.25)
        #expect(tally.topAgreement == 0.5)
        // The exact logits 1, 3, 2, 2.5 have a mean of 2.125 and a variance of 0.546875.
        let drift = try #require(tally.inDeviations(0.75))
        #expect(abs(drift - 0.75 / 0.546875.squareRoot()) < 1e-12)
    }

    @Test func eachLabelHasItsThreshold() {
        var tally = DriftTally()
        tally.add(exact: ([1, 3], [0.5, 0.7]), level: ([1, 3], [0.6, 0.5]), thresholds: [0.55, 0.4])
        #expect(tally.crossed == 1)
    }

    @Test func undefinedFiguresAreNil() {
        var tally = DriftTally()
        #expect(tally.topAgreement == nil && tally.crossedShare == nil && tally.inDeviations(1) == nil)
        tally.add(exact: ([1], [0.5]), level: ([1], [0.5]), thresholds: [0.6])
        #expect(tally.inDeviations(tally.logitDrift.largest) == nil)
        #expect(tally.topAgreement == 1 && tally.crossedShare == 0)
    }
}
