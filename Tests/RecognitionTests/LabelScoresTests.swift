import Foundation
import Testing

@testable import Recognition

@Suite struct LabelScoresTests {
    private func scores(_ logits: [Float], labels: Int, _ scoring: Scoring, temperature: Double = 1) -> [Double] {
        var scores = [Double](repeating: .nan, count: labels)
        logits.withUnsafeBufferPointer {
            LabelScores.compute($0, labels: labels, scoring: scoring, temperature: temperature, into: &scores)
        }
        return scores
    }

    @Test func independentScoreIsTheLeadOverTheBackground() {
        // Background e^1 and e^3: log of their mean is 3 + log((e^-2 + 1) / 2).
        let background = 3 + log((exp(-2.0) + 1) / 2)
        let score = scores([4, 1, 3], labels: 1, .independent, temperature: 2)[0]
        #expect(abs(score - 1 / (1 + exp((background - 4) / 2))) < 1e-12)
    }

    @Test func independentScoreOfALabelDoesNotDependOnOtherLabels() {
        let alone = scores([2, 0, 1], labels: 1, .independent)[0]
        let amongOthers = scores([2, 50, -50, 0, 1], labels: 3, .independent)[0]
        #expect(alone == amongOthers)
    }

    @Test func exclusiveScoresAreASoftmaxOverTheLabelsOnly() {
        let result = scores([1, 3, 100], labels: 2, .exclusive)
        #expect(abs(result[1] - 1 / (1 + exp(-2))) < 1e-12)
        #expect(abs(result[0] + result[1] - 1) < 1e-12)
    }

    @Test func largeLogitsStayFinite() {
        for scoring in Scoring.allCases {
            let result = scores([3e38, -3e38, 1e30], labels: 2, scoring)
            #expect(result.allSatisfy { $0.isFinite && (0...1).contains($0) })
        }
    }
}
