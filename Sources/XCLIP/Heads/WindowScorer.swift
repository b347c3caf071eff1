import Foundation
public import Kernels

/// A stream's frame memory and its labels → logits: integration transformer, video-specific prompts, cosine, scale.
///
/// Holds the memory all of it works in, made at `init`; a step allocates nothing. Owned by one thread.
public final class WindowScorer {
    public let labels: LabelEmbeddings
    private let model: XCLIPModel
    private let team: ComputeTeam
    private let arena = FloatArena()
    private let embeddings: Rows
    private let features: Rows
    private let x: Rows
    private let video: Rows
    private let layerScratch: LayerScratch
    private let promptScratch: PromptGenerator.Scratch
    private let results: Rows

    public init(model: XCLIPModel, labels: LabelEmbeddings, team: ComputeTeam) {
        let configuration = model.configuration
        let width = configuration.embedding
        precondition(labels.width == width, "the labels were encoded by another model")
        self.labels = labels
        self.model = model
        self.team = team
        embeddings = arena.makeRows(labels.count, width: width)
        for label in 0..<labels.count {
            for column in 0..<width { embeddings[label][column] = labels.values[label * width + column] }
        }
        features = arena.makeRows(configuration.frames, width: width)
        x = arena.makeRows(configuration.frames, width: width)
        video = arena.makeRows(1, width: width)
        layerScratch = LayerScratch(
            tower: configuration.integration,
            tokens: configuration.frames,
            sets: 1,
            arena: arena
        )
        promptScratch = PromptGenerator.Scratch(
            labels: labels.count,
            patches: configuration.patches,
            width: width,
            arena: arena
        )
        results = arena.makeDenseRows(1, width: labels.count)
    }

    public var byteCount: Int { arena.byteCount }

    /// The logits of a full window, one for each label, valid until the next call: exp(logit_scale) · cosine.
    public func logits(of memory: FrameMemory) -> UnsafeBufferPointer<Float> {
        precondition(memory.isFull, "a window is scored when it is full")
        for (position, state) in memory.states.enumerated() {
            features[position..<position + 1].copy(from: memory.classFeatures[state..<state + 1])
        }
        model.integration.apply(video, features: features, x: x, scratch: layerScratch, team: team)
        let visual = promptScratch.visual
        visual.fill(0)
        for state in 0..<memory.window where memory.multiplicity(ofState: state) > 0 {
            let share = Float(memory.multiplicity(ofState: state)) / Float(memory.window)
            visual.add(memory.patchFeatures(ofState: state), times: share)
        }
        let texts = model.prompts.apply(labels: embeddings, visual: visual, scratch: promptScratch, team: team)
        for label in 0..<labels.count {
            results[0][label] = model.scale * cosine(video[0], texts[label])
        }
        return UnsafeBufferPointer(results[0])
    }
}

private func cosine(_ a: UnsafeMutableBufferPointer<Float>, _ b: UnsafeMutableBufferPointer<Float>) -> Float {
    var product = 0.0
    var squaresA = 0.0
    var squaresB = 0.0
    for index in 0..<a.count {
        product += Double(a[index]) * Double(b[index])
        squaresA += Double(a[index]) * Double(a[index])
        squaresB += Double(b[index]) * Double(b[index])
    }
    return Float(product / (squaresA.squareRoot() * squaresB.squareRoot()))
}
