import Foundation
import TestSupport
import Testing

@testable import Recognition

@Suite struct LabelScoresTests {
    private func scores(
        _ logits: [Float],
        labels: Int,
        _ scoring: Scoring,
        temperature: Double = 1,
        neutralSize: Int = 2
    ) -> [Double] {
        var scores = [Double](repeating: .nan, count: labels)
        logits.withUnsafeBufferPointer {
            LabelScores.compute(
                $0,
                labels: labels,
                neutralSize: neutralSize,
                scoring: scoring,
                temperature: temperature,
                into: &scores
            )
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

    /// Logits as models give them: of one to three labels, then of the neutral texts.
    private func draw(_ count: Int, _ random: inout SeededGenerator) -> [Float] {
        (0..<count).map { _ in Float.random(in: -30...30, using: &random) }
    }

    /// The sums are rounded: the last digits of a score may differ.
    private static let rounding = 1e-12

    @Test(arguments: Scoring.allCases)
    func noTextOfTheBackgroundRaisesAScore(scoring: Scoring) {
        var random = SeededGenerator(seed: 11)
        var fell = 0
        for _ in 0..<2000 {
            let (labels, size) = (Int.random(in: 1...3, using: &random), Int.random(in: 1...8, using: &random))
            let temperature = Double.random(in: 0.5...4, using: &random)
            // The stream's own neutral list may be of another length than the model's.
            var logits = draw(labels + Int.random(in: 1...10, using: &random), &random)
            var before = scores(logits, labels: labels, scoring, temperature: temperature, neutralSize: size)
            for text in draw(10, &random) {
                logits.insert(text, at: Int.random(in: labels...logits.count, using: &random))
                let after = scores(logits, labels: labels, scoring, temperature: temperature, neutralSize: size)
                #expect(zip(before, after).allSatisfy { $1 <= $0 + Self.rounding }, "\(logits)")
                if zip(before, after).contains(where: { $1 < $0 - 0.01 }) { fell += 1 }
                before = after
            }
        }
        #expect(scoring == .exclusive ? fell == 0 : fell > 1000)
    }

    /// What the thresholds of a model were chosen for.
    @Test func theModelsOwnListAloneCountsByItsMean() {
        var random = SeededGenerator(seed: 12)
        for _ in 0..<500 {
            let logits = draw(1 + Int.random(in: 1...10, using: &random), &random)
            let mean = logits.dropFirst().map { exp(Double($0)) }.reduce(0, +) / Double(logits.count - 1)
            let score = scores(logits, labels: 1, .independent, neutralSize: logits.count - 1)[0]
            let odds = exp(Double(logits[0])) / mean
            #expect(abs(score - odds / (1 + odds)) < 1e-9)
        }
    }

    @Test func theOrderOfTheBackgroundDoesNotMatter() {
        var random = SeededGenerator(seed: 13)
        for _ in 0..<500 {
            let logits = draw(2 + Int.random(in: 2...12, using: &random), &random)
            let other = logits.prefix(2) + logits.dropFirst(2).shuffled(using: &random)
            for scoring in Scoring.allCases {
                let (one, two) = (scores(logits, labels: 2, scoring), scores(Array(other), labels: 2, scoring))
                #expect(zip(one, two).allSatisfy { abs($0 - $1) < Self.rounding })
            }
        }
    }

    @Test func largeLogitsStayFinite() {
        for scoring in Scoring.allCases {
            let result = scores([3e38, -3e38, 1e30], labels: 2, scoring)
            #expect(result.allSatisfy { $0.isFinite && (0...1).contains($0) })
        }
    }
}
