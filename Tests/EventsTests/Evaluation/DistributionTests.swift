import Events
import Testing

@Suite struct DistributionTests {
    @Test func quantilesLieBetweenNeighbours() {
        let values = Distribution([4, 1, 3, 2])
        #expect(values.quantiles([0, 0.25, 0.5, 0.95, 1]) == [1, 1.75, 2.5, 3.8499999999999996, 4])
        #expect(values.median == 2.5)
        #expect(Distribution([7]).p95 == 7)
    }

    @Test func momentsEqualThoseComputedByHand() {
        let values = Distribution([2, 4, 4, 4, 5, 5, 7, 9])
        #expect(values.mean == 5)
        #expect(values.standardDeviation == 2)
        #expect(values.largest == 9)
    }

    @Test func emptyDistributionHasNoFigures() {
        let none = Distribution()
        #expect(none.mean == nil && none.standardDeviation == nil && none.largest == nil && none.median == nil)
    }
}
