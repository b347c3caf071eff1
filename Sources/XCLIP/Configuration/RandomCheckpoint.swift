package import Checkpoints
import Foundation
import Kernels
import System

/// Writes a checkpoint directory of a published size, or a tiny one, with random weights: to try the program and to
/// measure speed without a trained model. Its scores mean nothing.
///
/// The weights are scaled so that activations stay near one, as in a trained model. The tokenizer knows the 256 bytes.
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

    /// The heads of the integration transformer and the prompt generator.
    private static func headHeads(_ embedding: Int) -> Int { embedding >= 256 ? 8 : 4 }

    /// Writes the directory.
    ///
    /// - Parameters:
    ///   - size: the model's sizes.
    ///   - directory: made if it does not exist.
    ///   - seed: the same seed gives the same weights on every machine.
    /// - Throws: `CheckpointError` if the directory cannot be written.
    package static func write(_ size: Size, to directory: String, seed: UInt64) throws(CheckpointError) {
        let shape = shape(size)
        let vocabulary = vocabulary()
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try ModelConversion.writeJSON(
                configuration(shape, vocabulary: vocabulary.count),
                to: directory + "/config.json"
            )
            try ModelConversion.writeJSON(preprocessor(shape), to: directory + "/preprocessor_config.json")
            try ModelConversion.writeJSON(vocabulary, to: directory + "/vocab.json")
            try Data("#version: 0.2\n".utf8).write(to: URL(fileURLWithPath: directory + "/merges.txt"))
        } catch {
            throw CheckpointError(.unreadable, at: directory, "cannot be written: \(error.localizedDescription)")
        }
        let tensors = try XCLIPConfiguration(path: directory + "/config.json").tensors
        let writer = try SafetensorsWriter(
            path: directory + "/model.safetensors",
            tensors: tensors.map { ($0.name, $0.shape, .float32) }
        )
        var random = SplitMix64(seed: seed)
        for tensor in tensors {
            let (mean, deviation) = distribution(of: tensor)
            try writer.write(random.values(tensor.shape.reduce(1, *), mean: mean, deviation: deviation))
        }
        try writer.close()
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

    /// The mean and deviation of a weight's numbers: a layer norm's weights about one, a product's such that its outputs
    /// have the scale of its inputs.
    static func distribution(of weight: XCLIPConfiguration.NamedShape) -> (mean: Float, deviation: Float) {
        let (name, shape) = (weight.name, weight.shape)
        switch name {
        case "logit_scale": return (4.6052, 0)
        case "mit.position_embedding": return (0, 0.1)
        case "prompts_generator.alpha": return (0.1, 0.02)
        // [inputs, outputs], unlike the other matrices.
        case "prompts_visual_projection": return (0, 1 / Float(shape[0]).squareRoot())
        default: break
        }
        if name.hasSuffix("token_embedding.weight") { return (0, 1) }
        if name.hasSuffix("position_embedding.weight") || name.hasSuffix("class_embedding") { return (0, 0.5) }
        if name.hasSuffix(".bias") { return (0, 0.1) }
        let isNorm = shape.count == 1
        return isNorm ? (1, 0.1) : (0, 1 / Float(shape.dropFirst().reduce(1, *)).squareRoot())
    }
}

extension SplitMix64 {
    /// Uniform numbers of a given mean and deviation.
    fileprivate mutating func values(_ count: Int, mean: Float, deviation: Float) -> [Float] {
        let scale = deviation * Float(12).squareRoot() / Float(1 << 24)
        return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count {
                buffer[index] = mean + (Float(next() >> 40) - Float(1 << 23)) * scale
            }
            initialized = count
        }
    }
}
