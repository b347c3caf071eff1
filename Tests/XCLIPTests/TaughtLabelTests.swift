import Testing

@testable import XCLIP

/// Kept features give the same scores as their window, and a taught direction adds to the label's text.
@Suite struct TaughtLabelTests {
    let pixels: [UInt8]
    let model: XCLIPModel
    let labels: LabelEmbeddings

    init() throws {
        pixels = try Golden.bytes("cached", "pixels")
        model = try Golden.model()
        labels = try Golden.textEncoder().encode(Golden.labels(), threads: 1)
    }

    private func stream(_ labels: LabelEmbeddings) -> Stream {
        Stream(model: model, labels: labels, keepsBlockZero: true)
    }

    @Test func keptFeaturesScoreLikeTheirWindow() throws {
        let one = stream(labels)
        let logits = one.exactLogits(pixels)
        let features = one.scorer.features(of: one.memory)
        #expect(Array(one.scorer.logits(of: features)) == logits)
        // With other texts, as in another scorer.
        let fewer = try Golden.textEncoder().encode([Golden.labels()[1]], threads: 1)
        let other = stream(fewer)
        #expect(distance(Array(other.scorer.logits(of: features)), logits[1...1]) < 1e-5)
        let length = features.unitVideo.reduce(0) { $0 + $1 * $1 }
        #expect(abs(length - 1) < 1e-5)
    }

    /// The logit is weight · (scale · video · direction + offset) plus the remaining share of the text's logit. Other
    /// labels stay bit-equal.
    @Test func taughtLabelCombinesItsTextAndItsExamples() throws {
        let plain = stream(labels)
        let logits = plain.exactLogits(pixels)
        let features = plain.scorer.features(of: plain.memory)
        let direction = (0..<labels.width).map { Float($0 % 5) / 10 - 0.2 }
        let product = zip(features.unitVideo, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        for weight in [0, 0.25, 1] as [Float] {
            let lesson = TaughtLabel(direction: direction, offset: 1.5, weight: weight)
            let taught = stream(labels.teaching([1: lesson])).exactLogits(pixels)
            #expect(taught[0] == logits[0] && taught[2...] == logits[2...])
            let wanted = (1 - weight) * logits[1] + weight * (model.scale * Float(product) + 1.5)
            #expect(abs(taught[1] - wanted) < 1e-4, "\(weight)")
            if weight == 0 { #expect(taught == logits) }
        }
    }
}
