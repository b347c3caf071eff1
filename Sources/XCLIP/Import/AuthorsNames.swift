import Checkpoints

/// Maps the authors' names of the weights to Hugging Face's names.
///
/// The authors' names are those of microsoft/VideoX, X-CLIP, and CLIP's own for the parts taken from CLIP. The authors
/// pack Q, K and V into one `in_proj`, and store the projections of text and class token as [inputs, outputs]. Nothing
/// is copied: each tensor is a view. Source: transformers' convert_x_clip_original_pytorch_to_hf.py.
enum AuthorsNames {
    /// Whether the checkpoint uses the authors' names.
    static func describe(_ checkpoint: Checkpoint) -> Bool { checkpoint.tensors["visual.conv1.weight"] != nil }

    /// The same weights under Hugging Face's names. A tensor without a counterpart keeps its name.
    ///
    /// - Throws: `CheckpointError` if a shape does not allow the mapping.
    static func huggingFace(_ checkpoint: Checkpoint) throws(CheckpointError) -> Checkpoint {
        var tensors: [String: Tensor] = [:]
        func add(_ name: String, _ tensor: Tensor) { tensors[name] = tensor.named(name) }
        for (name, tensor) in checkpoint.tensors {
            if let name = projections[name] {
                guard tensor.shape.count == 2 else { throw wrong(name, tensor, in: checkpoint) }
                add(name, tensor.transposed())
            } else if let packed = packed(name) {
                guard let rows = tensor.shape.first, rows.isMultiple(of: 3) else {
                    throw wrong(name, tensor, in: checkpoint)
                }
                for (index, part) in ["q", "k", "v"].enumerated() {
                    let third = rows / 3
                    add("\(packed.prefix)\(part)_proj.\(packed.kind)", tensor.rows(index * third..<(index + 1) * third))
                }
            } else {
                add(single(name), tensor)
            }
        }
        return Checkpoint(path: checkpoint.path, tensors: tensors, others: checkpoint.others)
    }

    private static func wrong(_ name: String, _ tensor: Tensor, in checkpoint: Checkpoint) -> CheckpointError {
        CheckpointError(.wrongShape, at: checkpoint.path, "tensor \(name) has the invalid shape \(tensor.shape)")
    }

    private static let projections = [
        "text_projection": "text_projection.weight", "visual.proj": "visual_projection.weight",
    ]

    private static let whole = [
        "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
        "positional_embedding": "text_model.embeddings.position_embedding.weight",
        "visual.class_embedding": "vision_model.embeddings.class_embedding",
        "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
        "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
        "prompts_visual_proj": "prompts_visual_projection",
        "mit.positional_embedding": "mit.position_embedding",
    ]

    private static let prefixes = [
        ("ln_final.", "text_model.final_layer_norm."), ("visual.ln_pre.", "vision_model.pre_layernorm."),
        ("visual.ln_post.", "vision_model.post_layernorm."), ("prompts_visual_ln.", "prompts_visual_layernorm."),
        ("prompts_generator.norm.", "prompts_generator.layernorm."),
    ]

    private static let blocks = [
        ("transformer.resblocks.", "text_model.encoder.layers."),
        ("visual.transformer.resblocks.", "vision_model.encoder.layers."), ("mit.resblocks.", "mit.encoder.layers."),
    ]

    private static let parts = [
        ("ln_1.", "layer_norm1."), ("ln_2.", "layer_norm2."), ("mlp.c_fc.", "mlp.fc1."), ("mlp.c_proj.", "mlp.fc2."),
        ("attn.out_proj.", "self_attn.out_proj."),
    ]

    private static func single(_ name: String) -> String {
        if let name = whole[name] { return name }
        if let (block, part) = block(name) { return block + (exchanged(part, parts) ?? part) }
        return exchanged(name, prefixes) ?? name
    }

    /// Splits `….attn.in_proj_weight` into the common prefix of the names of Q, K and V, and `weight`.
    private static func packed(_ name: String) -> (prefix: String, kind: String)? {
        guard let (block, part) = block(name) else { return nil }
        switch part {
        case "attn.in_proj_weight": return (block + "self_attn.", "weight")
        case "attn.in_proj_bias": return (block + "self_attn.", "bias")
        case "message_attn.in_proj_weight": return (block + "message_attn.", "weight")
        case "message_attn.in_proj_bias": return (block + "message_attn.", "bias")
        default: return nil
        }
    }

    /// Splits `visual.transformer.resblocks.3.ln_1.weight` into `vision_model.encoder.layers.3.` and `ln_1.weight`.
    private static func block(_ name: String) -> (String, String)? {
        for (theirs, ours) in blocks where name.hasPrefix(theirs) {
            let rest = name.dropFirst(theirs.count)
            guard let dot = rest.firstIndex(of: ".") else { return nil }
            return (ours + rest[...dot], String(rest[rest.index(after: dot)...]))
        }
        return nil
    }

    private static func exchanged(_ name: String, _ pairs: [(String, String)]) -> String? {
        for (theirs, ours) in pairs where name.hasPrefix(theirs) { return ours + name.dropFirst(theirs.count) }
        return nil
    }
}
