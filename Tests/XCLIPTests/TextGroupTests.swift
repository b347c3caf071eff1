import Foundation
import Testing

@testable import XCLIP

/// Several texts that share a logit, compared with NumPy on transformers' prompted texts (Tests/Reference/labels.py).
@Suite struct TextGroupTests {
    private struct Expected: Decodable {
        struct Group: Decodable {
            var count: Int
            var combination: String
        }

        struct Case: Decodable {
            var groups: [Group]
            var logits: [Float]
        }

        var cases: [Case]
    }

    private let model: XCLIPModel
    private let labels: LabelEmbeddings
    private let pixels: [UInt8]

    init() throws {
        model = try Golden.model()
        labels = try Golden.textEncoder().encode(Golden.labels(), threads: 1)
        pixels = try Golden.bytes("stages", "pixels")
    }

    private func features() throws -> (WindowFeatures, logits: [Float]) {
        let stream = Stream(model: model, labels: labels, keepsBlockZero: true)
        let logits = stream.exactLogits(pixels)
        return (stream.scorer.features(of: stream.memory), logits)
    }

    private func scorer(_ groups: [TextGroup], _ labels: LabelEmbeddings? = nil) -> WindowScorer {
        WindowScorer(model: model, labels: labels ?? self.labels, groups: groups, team: model.makeTeam(threads: 1))
    }

    private func logits(
        _ groups: [TextGroup],
        of features: WindowFeatures,
        _ labels: LabelEmbeddings? = nil
    ) -> [Float] {
        // The logits lie in the scorer's memory.
        let scorer = scorer(groups, labels)
        return withExtendedLifetime(scorer) { Array(scorer.logits(of: features)) }
    }

    @Test func groupsMatchNumPy() throws {
        let path = Golden.directory + "/text_groups.json"
        let expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: URL(filePath: path)))
        let (features, alone) = try features()
        #expect(expected.cases.count == 5)
        for test in expected.cases {
            let groups = try test.groups.map {
                TextGroup(count: $0.count, combination: try #require(TextCombination(rawValue: $0.combination)))
            }
            let scorer = scorer(groups)
            let logits = withExtendedLifetime(scorer) { Array(scorer.logits(of: features)) }
            #expect(scorer.count == test.logits.count)
            #expect(distance(logits, test.logits) < 1e-4, "\(groups): \(logits), NumPy \(test.logits)")
            // Each text is prompted and scored by itself.
            #expect(Array(scorer.textLogits) == alone)
        }
    }

    @Test func aTextAloneKeepsItsLogitToTheBit() throws {
        let (features, alone) = try features()
        for combination in TextCombination.allCases {
            let groups = alone.map { _ in TextGroup(count: 1, combination: combination) }
            #expect(logits(groups, of: features) == alone)
        }
    }

    /// Examples blend with what the texts make together.
    @Test func aTaughtLabelBlendsItsCombinedTexts() throws {
        let (features, alone) = try features()
        let groups = [TextGroup(count: 2), TextGroup(count: 3, combination: .max)]
        let lesson = TaughtLabel(direction: Array(repeating: 0, count: labels.width), offset: 2, weight: 0.25)
        let taught = logits(groups, of: features, labels.teaching([1: lesson]))
        let best = try #require(alone[2...].max())
        #expect(abs(taught[1] - (0.75 * best + 0.5)) < 1e-4)
        #expect(taught[0] == logits(groups, of: features)[0])
    }
}
