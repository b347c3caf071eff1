import Foundation
package import Kernels

/// A stream's frame memory and its labels → logits: integration transformer, video-specific prompts, cosine, scale.
///
/// Holds the memory all of it works in, made at `init`; a step allocates nothing. Owned by one thread.
package final class WindowScorer {
    package let labels: LabelEmbeddings
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
    private let taught: [(label: Int, direction: Rows, offset: Float, weight: Float)]

    package init(model: XCLIPModel, labels: LabelEmbeddings, team: ComputeTeam) {
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
        taught = labels.taught.sorted { $0.key < $1.key }.map { [arena] label, lesson in
            let direction = arena.makeDenseRows(1, width: width)
            for column in 0..<width { direction[0][column] = lesson.direction[column] }
            return (label, direction, lesson.offset, lesson.weight)
        }
    }

    package var byteCount: Int { arena.byteCount }

    /// The logits of a full window, one for each label, valid until the next call: exp(logit_scale) · cosine.
    package func logits(of memory: FrameMemory) -> UnsafeBufferPointer<Float> {
        integrate(memory)
        return score()
    }

    /// What a full window's logits are made of. Allocates: for what is kept, not for a stream's every step.
    package func features(of memory: FrameMemory) -> WindowFeatures {
        integrate(memory)
        let visual = promptScratch.visual
        return WindowFeatures(
            video: Array(video[0]),
            visual: (0..<visual.count).flatMap { Array(visual[$0]) }
        )
    }

    /// The logits that the window had or would have with these labels, valid until the next call.
    package func logits(of features: WindowFeatures) -> UnsafeBufferPointer<Float> {
        let (visual, width) = (promptScratch.visual, labels.width)
        precondition(
            features.video.count == width && features.visual.count == visual.count * width,
            "the features are another model's"
        )
        for column in 0..<width { video[0][column] = features.video[column] }
        for patch in 0..<visual.count {
            for column in 0..<width { visual[patch][column] = features.visual[patch * width + column] }
        }
        return score()
    }

    /// The window's video embedding, and the mean over T of its patch features.
    private func integrate(_ memory: FrameMemory) {
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
    }

    private func score() -> UnsafeBufferPointer<Float> {
        let texts = model.prompts.apply(
            labels: embeddings,
            visual: promptScratch.visual,
            scratch: promptScratch,
            team: team
        )
        for label in 0..<labels.count {
            results[0][label] = model.scale * cosine(video[0], texts[label])
        }
        for (label, direction, offset, weight) in taught {
            let shown = model.scale * projection(of: video[0], on: direction[0]) + offset
            results[0][label] = (1 - weight) * results[0][label] + weight * shown
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

/// The unit vector of `a` times `b`.
private func projection(
    of a: UnsafeMutableBufferPointer<Float>,
    on b: UnsafeMutableBufferPointer<Float>
) -> Float {
    var product = 0.0
    var squares = 0.0
    for index in 0..<a.count {
        product += Double(a[index]) * Double(b[index])
        squares += Double(a[index]) * Double(a[index])
    }
    return Float(product / squares.squareRoot())
}
