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
        neutralSize: Int = 2,
        against: [Int] = []
    ) -> [Double] {
        var scores = [Double](repeating: .nan, count: labels)
        logits.withUnsafeBufferPointer {
            LabelScores.compute(
                $0,
                layout: LogitLayout(labels: labels, against: against),
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

    /// A text against a label takes score from this label, and gives none to another.
    @Test(arguments: Scoring.allCases)
    func noTextAgainstALabelRaisesAnyScore(scoring: Scoring) {
        var random = SeededGenerator(seed: 14)
        var fell = 0
        for _ in 0..<4000 {
            let (labels, size) = (Int.random(in: 1...4, using: &random), Int.random(in: 1...8, using: &random))
            let temperature = Double.random(in: 0.5...4, using: &random)
            var against = (0..<labels).map { _ in Int.random(in: 0...2, using: &random) }
            var logits = draw(
                labels + against.reduce(0, +) + Int.random(in: 1...10, using: &random),
                &random
            )
            func score() -> [Double] {
                scores(logits, labels: labels, scoring, temperature: temperature, neutralSize: size, against: against)
            }
            var before = score()
            for text in draw(6, &random) {
                let label = Int.random(in: 0..<labels, using: &random)
                let first = labels + against[..<label].reduce(0, +)
                logits.insert(text, at: Int.random(in: first...first + against[label], using: &random))
                against[label] += 1
                let after = score()
                for other in 0..<labels where other != label { #expect(after[other] == before[other]) }
                #expect(after[label] <= before[label] + Self.rounding, "\(logits) \(against)")
                if after[label] < before[label] - 0.01 { fell += 1 }
                before = after
            }
        }
        #expect(fell > 1000)
    }

    /// With texts against labels: compared with NumPy (Tests/Reference/labels.py).
    @Test func scoresMatchNumPy() throws {
        struct Expected: Decodable {
            struct Case: Decodable {
                var scoring: String
                var labels: Int
                var against: [Int]
                var neutral_size: Int
                var temperature: Double
                var logits: [Float]
                var scores: [Double]
            }

            var cases: [Case]
        }
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/label_scores.json")
        let expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: path))
        #expect(expected.cases.count == 40)
        for test in expected.cases {
            let result = scores(
                test.logits,
                labels: test.labels,
                try #require(Scoring(rawValue: test.scoring)),
                temperature: test.temperature,
                neutralSize: test.neutral_size,
                against: test.against
            )
            #expect(zip(result, test.scores).allSatisfy { abs($0 - $1) < 1e-9 }, "\(result), NumPy \(test.scores)")
        }
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
