import ConfigurationText
import Foundation
import Testing

@testable import Offline
@testable import Settings
@testable import Text
@testable import Tuning

/// Mean average precision, compared with scikit-learn (Tests/Reference/labels.py), and the lists that it is of.
@Suite struct AveragePrecisionTests {
    private struct Expected: Decodable {
        struct Case: Decodable {
            var labels: [[Int]]
            var scores: [[Double]]
            var per_class: [Double?]
            var macro: Double
        }

        var cases: [Case]
    }

    @Test func precisionIsScikitLearns() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/average_precision.json")
        let expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: path))
        #expect(expected.cases.count == 4)
        for test in expected.cases {
            var precision = AveragePrecision(classes: test.per_class.count)
            for (labels, scores) in zip(test.labels, test.scores) { precision.add(labels: labels, scores: scores) }
            for (label, value) in test.per_class.enumerated() {
                let ours = precision.value(of: label)
                #expect((ours == nil) == (value == nil))
                if let ours, let value { #expect(abs(ours - value) < 1e-12, "class \(label)") }
            }
            let mean = try #require(precision.mean)
            #expect(abs(mean - test.macro) < 1e-12)
        }
        #expect(AveragePrecision(classes: 2).mean == nil)
    }

    @Test func aVideoMayHaveSeveralClasses() throws {
        let text = "a.mp4 2 0\n#1 b.mp4 1\n7 1 2\n"
        let (list, _) = try DataSetFile.parse(text, file: "l", classes: ["x", "y", "z"])
        #expect(list.videos.map(\.labels) == [[2, 0], [1], [1, 2]])
        #expect(list.videos.map(\.path) == ["a.mp4", "#1 b.mp4", "7"])
        #expect(list.isMultiLabel)
        let (single, _) = try DataSetFile.parse("a.mp4 0\n", file: "l", classes: ["x"])
        #expect(!single.isMultiLabel)
        for (line, message) in [
            ("a.mp4 1 3", "l:1:1: there is no class 3"), ("a.mp4 1 1", "l:1:1: the class 1 is there twice"),
            ("1", "l:1:1: this line is not a path"),
        ] {
            let error = #expect(throws: ConfigurationError.self) {
                _ = try DataSetFile.parse(line, file: "l", classes: ["x", "y", "z"])
            }
            #expect(error?.description.hasPrefix(message) == true, "\(error as Any)")
        }
    }

    @Test func aVideoCountsAsRightWithAnyOfItsClasses() {
        var tally = DataSetTally(classes: 3, isMultiLabel: true)
        tally.add(labels: [0, 2], ranked: [2, 1, 0], all: [0.2, 0.3, 0.5])
        tally.add(labels: [0], ranked: [1, 0, 2], all: [0.4, 0.5, 0.1])
        #expect(tally.topOneShare == 0.5 && tally.topFiveShare == 1)
        #expect(tally.videos(of: 0) == 2 && tally.videos(of: 1) == 0 && tally.mistakes.isEmpty)
        #expect(tally.precision?.mean == 1)
    }

    /// A resumed evaluation ranks by the same numbers.
    @Test func aResultKeepsEveryClassToTheBit() throws {
        let video = DataSetOutcome.Video(list: 0, path: "v", labels: [1, 2])
        let outcome = DataSetOutcome(video, sums: [0.1, 1.0 / 3, 2.0 / 3], views: 3, keepsAll: true)
        let line = try JSONValue(parsing: outcome.line.text)
        #expect(DataSetOutcome(line, classes: 3) == outcome)
        #expect(DataSetOutcome(line, classes: 4) == nil)
    }
}
