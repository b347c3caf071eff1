import Checkpoints

/// A model's sizes, inferred from the shapes of its weights, for weights without a config.json.
///
/// Values that shapes do not show are those of the authors' code: heads of 64, QuickGELU, ε 1e-5.
struct InferredConfiguration {
    private let checkpoint: Checkpoint

    /// - Parameter checkpoint: the weights under Hugging Face's names.
    init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

    /// The contents of config.json.
    ///
    /// - Throws: `CheckpointError` if a tensor is missing or its shape does not fit an X-CLIP model.
    func json() throws(CheckpointError) -> [String: Any] {
        let patches = try shape("vision_model.embeddings.patch_embedding.weight", axes: 4)
        guard patches[1] == 3, patches[2] == patches[3], patches[2] > 0 else {
            throw wrong("vision_model.embeddings.patch_embedding.weight", patches)
        }
        let positions = try shape("vision_model.embeddings.position_embedding.weight", axes: 2)
        let side = Int(Double(max(0, positions[0] - 1)).squareRoot())
        guard side > 0, side < 1 << 13, side * side == positions[0] - 1, patches[2] < 1 << 13 else {
            throw wrong("vision_model.embeddings.position_embedding.weight", positions)
        }
        let window = try shape("mit.position_embedding", axes: 3)
        let tokens = try shape("text_model.embeddings.token_embedding.weight", axes: 2)
        let textPositions = try shape("text_model.embeddings.position_embedding.weight", axes: 2)
        let (width, embedding) = (patches[0], window[2])
        let (text, vision) = (try tower("text_model.", width: tokens[1]), try tower("vision_model.", width: width))
        let integration = try tower("mit.", width: embedding)
        return [
            "architectures": ["XCLIPModel"], "model_type": "xclip", "projection_dim": embedding,
            "prompt_layers": layers { "prompts_generator.decoder.\($0).norm1.weight" },
            "prompt_num_attention_heads": try heads(embedding), "prompt_hidden_act": "quick_gelu",
            "text_config": [
                "model_type": "xclip_text_model", "vocab_size": tokens[0], "hidden_size": tokens[1],
                "intermediate_size": text.intermediate, "num_hidden_layers": text.layers,
                "num_attention_heads": try heads(tokens[1]), "max_position_embeddings": textPositions[0],
                "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5,
            ] as [String: Any],
            "vision_config": [
                "model_type": "xclip_vision_model", "hidden_size": width, "intermediate_size": vision.intermediate,
                "num_hidden_layers": vision.layers, "num_attention_heads": try heads(width),
                "image_size": side * patches[2], "patch_size": patches[2], "num_channels": 3, "num_frames": window[1],
                "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5, "mit_hidden_size": embedding,
                "mit_intermediate_size": integration.intermediate, "mit_num_hidden_layers": integration.layers,
                "mit_num_attention_heads": try heads(embedding),
            ] as [String: Any],
        ]
    }

    /// The contents of preprocessor_config.json, as in the checkpoints published on Hugging Face.
    static func preprocessor(imageSize: Int) -> [String: Any] {
        [
            "image_processor_type": "VideoMAEImageProcessor", "size": ["shortest_edge": imageSize],
            "crop_size": ["height": imageSize, "width": imageSize], "resample": 2, "do_resize": true,
            "do_center_crop": true, "do_rescale": true, "rescale_factor": 1.0 / 255, "do_normalize": true,
            "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
        ]
    }

    private func tower(_ name: String, width: Int) throws(CheckpointError) -> (layers: Int, intermediate: Int) {
        let first = name + "encoder.layers.0.mlp.fc1.weight"
        let count = layers { name + "encoder.layers.\($0).layer_norm1.weight" }
        return (count, try shape(first, axes: 2)[0])
    }

    /// The number of layers that exist, counted from 0 up to the first gap.
    private func layers(_ name: (Int) -> String) -> Int {
        var count = 0
        while checkpoint.tensors[name(count)] != nil { count += 1 }
        return count
    }

    private func heads(_ width: Int) throws(CheckpointError) -> Int {
        let heads = max(1, width / 64)
        guard width.isMultiple(of: heads) else {
            throw CheckpointError(
                .unsupported,
                at: checkpoint.path,
                "a width of \(width) is not a multiple of 64, so the number of heads is unknown; "
                    + "put the model's config.json beside it"
            )
        }
        return heads
    }

    private func shape(_ name: String, axes: Int) throws(CheckpointError) -> [Int] {
        guard let tensor = checkpoint.tensors[name] else {
            throw CheckpointError(
                .missingTensor,
                at: checkpoint.path,
                "no tensor \(name), under this name or the authors'; these are not the weights of an X-CLIP model"
            )
        }
        guard tensor.shape.count == axes else { throw wrong(name, tensor.shape) }
        return tensor.shape
    }

    private func wrong(_ name: String, _ shape: [Int]) -> CheckpointError {
        let message = "tensor \(name) has shape \(shape), which does not fit an X-CLIP model"
        return CheckpointError(.wrongShape, at: checkpoint.path, message)
    }
}
