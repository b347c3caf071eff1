package import Checkpoints
import Foundation
import Kernels

/// Writes a checkpoint directory of a published size, or a tiny one, with random weights: for trying the machinery and
/// for measuring speed where no trained model is at hand. What it says means nothing.
///
/// The weights are scaled so that activations stay near one, as a trained model's do; the tokenizer knows the 256 bytes.
package enum RandomCheckpoint {
    package enum Size: String, Sendable, CaseIterable {
        case tiny
        case b32x8, b32x16, b16x8, b16x16, b16x32, l14x8
        case l14x16at336 = "l14-336x16"
    }

    private struct Shape {
        var width, intermediate, layers, heads, image, patch, frames, embedding, textWidth, textLayers: Int
    }

    private static func shape(_ size: Size) -> Shape {
        func base(_ patch: Int, _ frames: Int) -> Shape {
            Shape(
                width: 768,
                intermediate: 3072,
                layers: 12,
                heads: 12,
                image: 224,
                patch: patch,
                frames: frames,
                embedding: 512,
                textWidth: 512,
                textLayers: 12
            )
        }
        func large(_ image: Int, _ frames: Int) -> Shape {
            Shape(
                width: 1024,
                intermediate: 4096,
                layers: 24,
                heads: 16,
                image: image,
                patch: 14,
                frames: frames,
                embedding: 768,
                textWidth: 768,
                textLayers: 12
            )
        }
        switch size {
        case .tiny:
            return Shape(
                width: 64,
                intermediate: 256,
                layers: 4,
                heads: 4,
                image: 64,
                patch: 16,
                frames: 8,
                embedding: 64,
                textWidth: 64,
                textLayers: 2
            )
        case .b32x8: return base(32, 8)
        case .b32x16: return base(32, 16)
        case .b16x8: return base(16, 8)
        case .b16x16: return base(16, 16)
        case .b16x32: return base(16, 32)
        case .l14x8: return large(224, 8)
        case .l14x16at336: return large(336, 16)
        }
    }

    /// Integration and prompt heads: 8 where the width allows.
    private static func headHeads(_ embedding: Int) -> Int { embedding >= 256 ? 8 : 4 }

    /// - Throws: `CheckpointError` where the directory cannot be written.
    package static func write(_ size: Size, to directory: String, seed: UInt64) throws(CheckpointError) {
        let shape = shape(size)
        let vocabulary = vocabulary()
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try writeJSON(configuration(shape, vocabulary: vocabulary.count), to: directory + "/config.json")
            try writeJSON(preprocessor(shape), to: directory + "/preprocessor_config.json")
            try writeJSON(vocabulary, to: directory + "/vocab.json")
            try Data("#version: 0.2\n".utf8).write(to: URL(fileURLWithPath: directory + "/merges.txt"))
        } catch {
            throw CheckpointError(.unreadable, at: directory, "cannot be written: \(error.localizedDescription)")
        }
        let tensors = tensors(shape, vocabulary: vocabulary.count)
        let writer = try SafetensorsWriter(
            path: directory + "/model.safetensors",
            tensors: tensors.map { ($0.name, $0.shape, .float32) }
        )
        var random = SmallRandom(state: seed)
        for tensor in tensors {
            try writer.write(random.values(tensor.shape.reduce(1, *), mean: tensor.mean, deviation: tensor.deviation))
        }
        try writer.close()
    }

    private static func writeJSON(_ object: [String: Any], to path: String) throws {
        let data = try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
        try data.write(to: URL(fileURLWithPath: path))
    }

    private static func configuration(_ shape: Shape, vocabulary: Int) -> [String: Any] {
        let heads = headHeads(shape.embedding)
        return [
            "architectures": ["XCLIPModel"], "model_type": "xclip", "projection_dim": shape.embedding,
            "prompt_layers": 2, "prompt_num_attention_heads": heads, "prompt_hidden_act": "quick_gelu",
            "text_config": [
                "model_type": "xclip_text_model", "vocab_size": vocabulary, "hidden_size": shape.textWidth,
                "intermediate_size": 4 * shape.textWidth, "num_hidden_layers": shape.textLayers,
                "num_attention_heads": max(1, shape.textWidth / 64), "max_position_embeddings": 77,
                "hidden_act": "quick_gelu",
            ] as [String: Any],
            "vision_config": [
                "model_type": "xclip_vision_model", "hidden_size": shape.width,
                "intermediate_size": shape.intermediate, "num_hidden_layers": shape.layers,
                "num_attention_heads": shape.heads, "image_size": shape.image, "patch_size": shape.patch,
                "num_frames": shape.frames, "hidden_act": "quick_gelu", "mit_hidden_size": shape.embedding,
                "mit_intermediate_size": 4 * shape.embedding, "mit_num_hidden_layers": 1,
                "mit_num_attention_heads": heads,
            ] as [String: Any],
        ]
    }

    private static func preprocessor(_ shape: Shape) -> [String: Any] {
        [
            "feature_extractor_type": "VideoMAEFeatureExtractor", "size": shape.image, "crop_size": shape.image,
            "resample": 2, "do_resize": true, "do_center_crop": true, "do_normalize": true,
            "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
        ]
    }

    private static func vocabulary() -> [String: Int] {
        let symbols = BytePairEncoder.byteSymbols.map { String($0) }
        let tokens = symbols + symbols.map { $0 + "</w>" } + [Tokenizer.startText, Tokenizer.endText]
        return Dictionary(uniqueKeysWithValues: tokens.enumerated().map { ($0.element, $0.offset) })
    }

    private struct NamedShape {
        let name: String
        let shape: [Int]
        var mean: Float = 0
        let deviation: Float
    }

    private static func tensors(_ shape: Shape, vocabulary: Int) -> [NamedShape] {
        var result: [NamedShape] = []
        func add(_ name: String, _ shape: [Int], mean: Float = 0, deviation: Float) {
            result.append(NamedShape(name: name, shape: shape, mean: mean, deviation: deviation))
        }
        func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true) {
            add(name + ".weight", [outputs, inputs], deviation: 1 / Float(inputs).squareRoot())
            if bias { add(name + ".bias", [outputs], deviation: 0.1) }
        }
        func norm(_ name: String, _ width: Int) {
            add(name + ".weight", [width], mean: 1, deviation: 0.1)
            add(name + ".bias", [width], deviation: 0.1)
        }
        func attention(_ name: String, _ width: Int) {
            for part in ["q", "k", "v", "out"] { linear(name + ".\(part)_proj", width, width) }
        }
        func layer(_ prefix: String, _ width: Int, _ intermediate: Int) {
            attention(prefix + "self_attn", width)
            norm(prefix + "layer_norm1", width)
            linear(prefix + "mlp.fc1", width, intermediate)
            linear(prefix + "mlp.fc2", intermediate, width)
            norm(prefix + "layer_norm2", width)
        }
        let (text, vision, width) = ("text_model.", "vision_model.", shape.embedding)
        add("logit_scale", [], mean: 4.6052, deviation: 0)
        add(text + "embeddings.token_embedding.weight", [vocabulary, shape.textWidth], deviation: 1)
        add(text + "embeddings.position_embedding.weight", [77, shape.textWidth], deviation: 0.5)
        for index in 0..<shape.textLayers {
            layer(text + "encoder.layers.\(index).", shape.textWidth, 4 * shape.textWidth)
        }
        norm(text + "final_layer_norm", shape.textWidth)
        let patches = (shape.image / shape.patch) * (shape.image / shape.patch)
        add(vision + "embeddings.class_embedding", [shape.width], deviation: 0.5)
        add(
            vision + "embeddings.patch_embedding.weight",
            [shape.width, 3, shape.patch, shape.patch],
            deviation: 1 / Float(3 * shape.patch * shape.patch).squareRoot()
        )
        add(vision + "embeddings.position_embedding.weight", [patches + 1, shape.width], deviation: 0.5)
        norm(vision + "pre_layernorm", shape.width)
        for index in 0..<shape.layers {
            let prefix = vision + "encoder.layers.\(index)."
            layer(prefix, shape.width, shape.intermediate)
            linear(prefix + "message_fc", shape.width, shape.width)
            norm(prefix + "message_ln", shape.width)
            attention(prefix + "message_attn", shape.width)
        }
        norm(vision + "post_layernorm", shape.width)
        linear("visual_projection", shape.width, width, bias: false)
        linear("text_projection", shape.textWidth, width, bias: false)
        norm("prompts_visual_layernorm", shape.width)
        add("prompts_visual_projection", [shape.width, width], deviation: 1 / Float(shape.width).squareRoot())
        add("mit.position_embedding", [1, shape.frames, width], deviation: 0.1)
        layer("mit.encoder.layers.0.", width, 4 * width)
        norm("prompts_generator.layernorm", width)
        add("prompts_generator.alpha", [width], mean: 0.1, deviation: 0.02)
        for index in 0..<2 {
            let prefix = "prompts_generator.decoder.\(index)."
            for part in ["q", "k", "v"] { linear(prefix + "cross_attn.\(part)_proj", width, width, bias: false) }
            linear(prefix + "cross_attn.proj", width, width)
            norm(prefix + "norm1", width)
            norm(prefix + "norm3", width)
            linear(prefix + "mlp.0", width, 4 * width)
            linear(prefix + "mlp.3", 4 * width, width)
        }
        return result
    }
}

/// Uniform numbers of a given mean and deviation, the same for the same seed on every machine (SplitMix64).
private struct SmallRandom {
    var state: UInt64

    mutating func values(_ count: Int, mean: Float, deviation: Float) -> [Float] {
        let scale = deviation * Float(12).squareRoot() / Float(1 << 24)
        return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count {
                state &+= 0x9E37_79B9_7F4A_7C15
                var bits = state
                bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
                bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
                buffer[index] = mean + (Float(bits >> 40) - Float(1 << 23)) * scale
            }
            initialized = count
        }
    }
}
