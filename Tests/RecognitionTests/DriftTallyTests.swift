import Events
import Testing

@testable import Recognition

@Suite struct DriftTallyTests {
    @Test func countsByHand() throws {
        var tally = DriftTally()
        tally.add(exact: ([1, 3], [0.5, 0.7]), level: ([1.5, 2], [0.55, 0.5]), threshold: 0.6)
        tally.add(exact: ([2, 2.5], [0.2, 0.6]), level: ([2.75, 2.5], [0.3, 0.6]), threshold: 0.6)
        #expect(tally.decisions == 2)
        #expect(tally.logitDrift.values == [0.5, 1, 0.75, 0])
        #expect(tally.logitDrift.mean == 0.5625)
        #expect(tally.logitDrift.largest == 1)
        let scores = [0.05, 0.2, 0.1, 0]
        #expect(zip(tally.scoreDrift.values, scores).allSatisfy { abs($0 - $1) < 1e-12 })
        // The second label of the first decision fell below the threshold; at it is not below.
        #expect(tally.crossedShare == 0.25)
        #expect(tally.topAgreement == 0.5)
        // Exact's logits 1, 3, 2, 2.5: mean 2.125, variance 0.546875.
        let drift = try #require(tally.inDeviations(0.75))
        #expect(abs(drift - 0.75 / 0.546875.squareRoot()) < 1e-12)
    }

    @Test func whatCannotBeSaidIsNil() {
        var tally = DriftTally()
        #expect(tally.topAgreement == nil && tally.crossedShare == nil && tally.inDeviations(1) == nil)
        tally.add(exact: ([1], [0.5]), level: ([1], [0.5]), threshold: 0.6)
        #expect(tally.inDeviations(tally.logitDrift.largest) == nil)
        #expect(tally.topAgreement == 1 && tally.crossedShare == 0)
    }
}
