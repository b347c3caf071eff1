import Events
import Testing
import TestSupport

@Suite struct EventMatchingTests {
    private func detected(_ spans: [(Double, Double)]) -> [DetectedEvent] {
        spans.map { DetectedEvent(start: $0.0, end: $0.1, emission: $0.0) }
    }

    private func truths(_ spans: [(Double, Double)]) -> [TruthEvent] {
        spans.map { TruthEvent(start: $0.0, end: $0.1) }
    }

    private func overlap(_ emitted: [(Double, Double)], _ truth: [(Double, Double)], _ tolerance: Double = 1) -> [[Int]]
    {
        EventMatching.overlap(detected(emitted), truths(truth), tolerance: tolerance).pairs.map {
            [$0.detected, $0.truth]
        }
    }

    private func onset(_ emitted: [(Double, Double)], _ truth: [(Double, Double)]) -> [[Int]] {
        EventMatching.onset(detected(emitted), truths(truth), tolerance: 1).pairs.map { [$0.detected, $0.truth] }
    }

    @Test func touchingAfterWideningMatchesAndAGapDoesNot() {
        #expect(overlap([(7, 8.5)], [(10, 12)]) == [])
        #expect(overlap([(7, 9)], [(10, 12)]) == [[0, 0]])
        #expect(overlap([(7, 9)], [(10, 12)], 0.5) == [])
        #expect(overlap([(13, 15)], [(10, 12)]) == [[0, 0]])
        #expect(overlap([(13.5, 15)], [(10, 12)]) == [])
    }

    @Test func oneToOne() {
        // Two emitted events meet one true event: the first matches, the second is false.
        #expect(overlap([(10, 11), (12, 13)], [(9, 14)]) == [[0, 0]])
        // One emitted event over two true ones matches the first only.
        #expect(overlap([(1, 20)], [(2, 4), (10, 12)]) == [[0, 0]])
    }

    /// The first emitted event meets both true ones. If it took the one that ends last, the second would stay
    /// unmatched.
    @Test func pairingIsAsLargeAsPossible() {
        #expect(overlap([(5, 6), (20, 21)], [(0, 30), (4, 7)], 0) == [[0, 1], [1, 0]])
        #expect(overlap([(20, 21), (5, 6)], [(4, 7), (0, 30)], 0) == [[1, 0], [0, 1]])
    }

    /// Compares with every possible pairing of small random cases.
    @Test func noOtherPairingHasMorePairs() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            var time = 0.0
            let emitted: [(Double, Double)] = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                let start = time + Double.random(in: 0...5, using: &random)
                time = start + Double.random(in: 0...5, using: &random)
                return (start, time)
            }
            let truth: [(Double, Double)] = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                let start = Double.random(in: 0...20, using: &random)
                return (start, start + Double.random(in: 0...8, using: &random))
            }
            let pairs = overlap(emitted, truth)
            #expect(Set(pairs.map { $0[0] }).count == pairs.count && Set(pairs.map { $0[1] }).count == pairs.count)
            #expect(pairs.count == largestPairing(emitted[...], truth), "\(emitted) \(truth)")
        }
    }

    private func largestPairing(_ emitted: ArraySlice<(Double, Double)>, _ truth: [(Double, Double)]) -> Int {
        guard let first = emitted.first else { return 0 }
        var best = largestPairing(emitted.dropFirst(), truth)
        for index in truth.indices where first.0 <= truth[index].1 + 1 && first.1 >= truth[index].0 - 1 {
            var left = truth
            left.remove(at: index)
            best = max(best, 1 + largestPairing(emitted.dropFirst(), left))
        }
        return best
    }

    @Test func onsetRuleComparesStartsOnly() {
        #expect(onset([(9, 30)], [(10, 12)]) == [[0, 0]])
        #expect(onset([(11, 30)], [(10, 12)]) == [[0, 0]])
        #expect(onset([(11.5, 12)], [(10, 12)]) == [])
        #expect(onset([(10, 10.5), (11, 12)], [(10, 12), (11.5, 13)]) == [[0, 0], [1, 1]])
    }
}
