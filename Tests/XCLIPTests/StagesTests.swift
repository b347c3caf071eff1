import Frames
import Testing

@testable import Kernels
@testable import XCLIP

/// Compares the model stage by stage with transformers, on every backend of this processor.
@Suite struct StagesTests {
    let stages: Golden.Tensors
    let pixels: [UInt8]

    init() throws {
        stages = try Golden.Tensors("stages")
        pixels = try Golden.bytes("stages", "pixels")
    }

    @Test(arguments: Golden.backends)
    func visionEncoderMatchesEachBlocksOutput(backend: KernelBackend) throws {
        let model = try Golden.model(backend)
        let (frames, tokens, width) = (
            model.configuration.frames, model.configuration.tokens, model.configuration.vision.width
        )
        let team = model.makeTeam(threads: 2)
        let arena = FloatArena()
        let x = arena.makeDenseRows(frames * tokens, width: width)
        let patches = model.vision.embedding.makeScratch(arena)
        let scratch = LayerScratch(tower: model.configuration.vision, tokens: tokens + 1, sets: frames, arena: arena)
        let messages = MessageScratch(frames: frames, width: width, arena: arena)
        let frameBytes = model.transform.byteCount
        pixels.withUnsafeBufferPointer { pixels in
            for frame in 0..<frames {
                guard let base = pixels.baseAddress else { return }
                model.vision.embedding.embeddings(
                    x[frame * tokens..<(frame + 1) * tokens],
                    pixels: base + frame * frameBytes,
                    scratch: patches,
                    team: team
                )
            }
        }
        let shape = [frames, tokens, width]
        #expect(distance(x.values, try stages.floats("embeddings", shape: shape)) < 2e-5)
        pixels.withUnsafeBufferPointer { pixels in
            for frame in 0..<frames {
                guard let base = pixels.baseAddress else { return }
                model.vision.embedding.embed(
                    x[frame * tokens..<(frame + 1) * tokens],
                    pixels: base + frame * frameBytes,
                    scratch: patches,
                    team: team
                )
            }
        }
        #expect(distance(x.values, try stages.floats("pre_layernorm", shape: shape)) < 2e-5)
        for (index, block) in model.vision.blocks.enumerated() {
            block.exchange.prepare(x.every(tokens), scratch: messages, team: team)
            attention(
                messages.attended,
                q: messages.queries,
                k: messages.keysAndValues.columns(0..<width),
                v: messages.keysAndValues.columns(width..<2 * width),
                shape: Attention(heads: block.exchange.heads, queries: frames, keys: frames),
                team: team
            )
            block.exchange.finish(frames: 0..<frames, scratch: messages, team: team)
            block.layer.apply(to: x, tokens: tokens, messages: messages.messages, scratch: scratch, team: team)
            #expect(
                distance(x.values, try stages.floats("vision_block_\(index)", shape: shape)) < 5e-5,
                "block \(index)"
            )
        }
    }

    @Test(arguments: Golden.backends)
    func windowMatchesFeaturesAndLogits(backend: KernelBackend) throws {
        let model = try Golden.model(backend)
        let configuration = model.configuration
        let (frames, patches, width) = (configuration.frames, configuration.patches, configuration.embedding)
        let labels = try Golden.textEncoder(backend).encode(Golden.labels(), threads: 2)
        #expect(distance(labels.values, try stages.floats("text_projected", shape: [labels.count, width])) < 5e-5)

        let stream = Stream(model: model, labels: labels, keepsBlockZero: true)
        let logits = stream.exactLogits(pixels)
        let features = (0..<frames).flatMap { Array(stream.memory.classFeatures[stream.memory.states[$0]]) }
        #expect(distance(features, try stages.floats("class_features", shape: [frames, width])) < 5e-5)
        let prompts = (0..<frames).flatMap { stream.memory.patchFeatures(ofState: stream.memory.states[$0]).values }
        #expect(distance(prompts, try stages.floats("prompt_patches", shape: [frames, patches, width])) < 5e-5)
        #expect(distance(logits, try stages.floats("logits", shape: [labels.count])) < 1e-4)
    }

    @Test(arguments: ["f16", "bf16"])
    func halfPrecisionWeightsMatchTheirOwnLogits(type: String) throws {
        for backend in Golden.backends {
            let model = try Golden.model(backend, weights: "tiny-\(type)")
            let labels = try Golden.textEncoder(backend, weights: "tiny-\(type)").encode(Golden.labels(), threads: 1)
            let logits = Stream(model: model, labels: labels, keepsBlockZero: true).exactLogits(pixels)
            #expect(distance(logits, try stages.floats("logits_\(type)", shape: [labels.count])) < 1e-4, "\(backend)")
        }
    }

    @Test func integrationAndPromptsMatchTheirParts() throws {
        let model = try Golden.model()
        let configuration = model.configuration
        let width = configuration.embedding
        let team = model.makeTeam(threads: 1)
        let arena = FloatArena()
        let features = arena.makeRows(configuration.frames, width: width)
        let x = arena.makeRows(configuration.frames, width: width)
        let video = arena.makeRows(1, width: width)
        fill(features, try stages.floats("class_features", shape: [configuration.frames, width]))
        model.integration.apply(
            video,
            features: features,
            x: x,
            scratch: LayerScratch(
                tower: configuration.integration,
                tokens: configuration.frames,
                sets: 1,
                arena: arena
            ),
            team: team
        )
        #expect(distance(video.values, try stages.floats("video_embeds", shape: [width])) < 2e-5)

        let labels = try Golden.textEncoder().encode(Golden.labels(), threads: 1)
        let texts = arena.makeRows(labels.count, width: width)
        fill(texts, labels.values)
        let scratch = PromptGenerator.Scratch(
            labels: labels.count,
            patches: configuration.patches,
            width: width,
            arena: arena
        )
        fill(scratch.visual, try stages.floats("prompt_visual", shape: [configuration.patches, width]))
        let prompted = model.prompts.apply(labels: texts, visual: scratch.visual, scratch: scratch, team: team)
        #expect(distance(prompted.values, try stages.floats("text_prompted", shape: [labels.count, width])) < 5e-5)
    }
}

private func fill(_ rows: Rows, _ values: [Float]) {
    for row in 0..<rows.count {
        for column in 0..<rows.width { rows[row][column] = values[row * rows.width + column] }
    }
}
