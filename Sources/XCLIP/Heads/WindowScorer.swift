import Foundation
package import Kernels

/// A stream's frame memory and its texts → logits: integration transformer, video-specific prompts, cosine, scale. Several
/// texts may share a logit.
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
    /// [1, K], of each text by itself.
    private let texts: Rows
    /// The mean of a group's unit embeddings.
    private let mean: Rows
    private let groups: [(texts: Range<Int>, combination: TextCombination)]
    private let results: Rows
    private let taught: [(label: Int, direction: Rows, offset: Float, weight: Float)]

    /// - Parameter groups: the texts that share a logit, from the first text on. Each text after them has its own.
    package init(model: XCLIPModel, labels: LabelEmbeddings, groups: [TextGroup] = [], team: ComputeTeam) {
        let configuration = model.configuration
        let width = configuration.embedding
        precondition(labels.width == width, "the labels were encoded by another model")
        var next = 0
        var ranges: [(texts: Range<Int>, combination: TextCombination)] = []
        for group in groups {
            precondition(group.count > 0 && next + group.count <= labels.count, "each group needs its texts")
            ranges.append((next..<next + group.count, group.combination))
            next += group.count
        }
        self.groups = ranges + (next..<labels.count).map { ($0..<$0 + 1, .mean) }
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
        texts = arena.makeDenseRows(1, width: labels.count)
        mean = arena.makeRows(1, width: width)
        results = arena.makeDenseRows(1, width: self.groups.count)
        taught = labels.taught.sorted { $0.key < $1.key }.map { [arena] label, lesson in
            let direction = arena.makeDenseRows(1, width: width)
            for column in 0..<width { direction[0][column] = lesson.direction[column] }
            return (label, direction, lesson.offset, lesson.weight)
        }
    }

    package var byteCount: Int { arena.byteCount }

    /// The number of logits: one for each group, and one for each text in no group.
    package var count: Int { groups.count }
    /// The logits that each text had by itself in the last window, without examples, valid until the next call.
    package var textLogits: UnsafeBufferPointer<Float> { UnsafeBufferPointer(texts[0]) }

    /// The logits of a full window, `count` of them, valid until the next call: exp(logit_scale) · cosine.
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
        let prompted = model.prompts.apply(
            labels: embeddings,
            visual: promptScratch.visual,
            scratch: promptScratch,
            team: team
        )
        for text in 0..<labels.count {
            texts[0][text] = model.scale * cosine(video[0], prompted[text])
        }
        for (index, group) in groups.enumerated() { results[0][index] = logit(of: group, prompted) }
        for (label, direction, offset, weight) in taught {
            let shown = model.scale * projection(of: video[0], on: direction[0]) + offset
            results[0][label] = (1 - weight) * results[0][label] + weight * shown
        }
        return UnsafeBufferPointer(results[0])
    }

    private func logit(of group: (texts: Range<Int>, combination: TextCombination), _ prompted: Rows) -> Float {
        let first = texts[0][group.texts.lowerBound]
        guard group.texts.count > 1 else { return first }
        switch group.combination {
        case .max:
            var best = first
            // What is no number stays: the window is then scored by none.
            for text in group.texts where !(texts[0][text] <= best) && !best.isNaN { best = texts[0][text] }
            return best
        case .mean:
            mean.fill(0)
            for text in group.texts {
                mean.add(prompted[text..<text + 1], times: 1 / length(prompted[text]))
            }
            return model.scale * cosine(video[0], mean[0])
        }
    }
}

private func length(_ a: UnsafeMutableBufferPointer<Float>) -> Float {
    var squares = 0.0
    for index in 0..<a.count { squares += Double(a[index]) * Double(a[index]) }
    return Float(squares.squareRoot())
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
