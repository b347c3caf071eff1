import Kernels

extension XCLIPConfiguration {
    /// A weight by its Hugging Face name.
    package struct NamedShape: Sendable, Equatable {
        package let name: String
        package let shape: [Int]
        /// Whether it belongs to the text encoder, which is freed once the labels are encoded.
        package var isText: Bool { name.hasPrefix("text_") }
    }

    /// Every weight of a model of these sizes, as transformers' XCLIPModel names and shapes them. The order is part of
    /// what `RandomCheckpoint` makes of a seed.
    package var tensors: [NamedShape] {
        var list = TensorList()
        list.add("logit_scale", [])
        list.add("text_model.embeddings.token_embedding.weight", [vocabulary, text.width])
        list.add("text_model.embeddings.position_embedding.weight", [textPositions, text.width])
        for index in 0..<text.layers { list.layer("text_model.encoder.layers.\(index).", text) }
        list.norm("text_model.final_layer_norm", text.width)

        list.add("vision_model.embeddings.class_embedding", [vision.width])
        list.add("vision_model.embeddings.patch_embedding.weight", [vision.width, 3, patchSize, patchSize])
        list.add("vision_model.embeddings.position_embedding.weight", [tokens, vision.width])
        list.norm("vision_model.pre_layernorm", vision.width)
        for index in 0..<vision.layers {
            let prefix = "vision_model.encoder.layers.\(index)."
            list.layer(prefix, vision)
            list.linear(prefix + "message_fc", vision.width, vision.width)
            list.norm(prefix + "message_ln", vision.width)
            list.attention(prefix + "message_attn.", vision.width)
        }
        list.norm("vision_model.post_layernorm", vision.width)
        list.linear("visual_projection", vision.width, embedding, bias: false)
        list.linear("text_projection", text.width, embedding, bias: false)

        list.norm("prompts_visual_layernorm", vision.width)
        list.add("prompts_visual_projection", [vision.width, embedding])
        list.add("mit.position_embedding", [1, trainedFrames, embedding])
        for index in 0..<integration.layers { list.layer("mit.encoder.layers.\(index).", integration) }
        list.norm("prompts_generator.layernorm", embedding)
        list.add("prompts_generator.alpha", [embedding])
        for index in 0..<promptLayers {
            let prefix = "prompts_generator.decoder.\(index)."
            for part in ["q", "k", "v"] {
                list.linear(prefix + "cross_attn.\(part)_proj", embedding, embedding, bias: false)
            }
            list.linear(prefix + "cross_attn.proj", embedding, embedding)
            list.norm(prefix + "norm1", embedding)
            list.norm(prefix + "norm3", embedding)
            list.linear(prefix + "mlp.0", embedding, 4 * embedding)
            list.linear(prefix + "mlp.3", 4 * embedding, embedding)
        }
        return list.tensors
    }
}

private struct TensorList {
    var tensors: [XCLIPConfiguration.NamedShape] = []

    mutating func add(_ name: String, _ shape: [Int]) {
        tensors.append(XCLIPConfiguration.NamedShape(name: name, shape: shape))
    }

    mutating func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true) {
        add(name + ".weight", [outputs, inputs])
        if bias { add(name + ".bias", [outputs]) }
    }

    mutating func norm(_ name: String, _ width: Int) {
        add(name + ".weight", [width])
        add(name + ".bias", [width])
    }

    mutating func attention(_ prefix: String, _ width: Int) {
        for part in ["q_proj", "k_proj", "v_proj", "out_proj"] { linear(prefix + part, width, width) }
    }

    mutating func layer(_ prefix: String, _ tower: XCLIPConfiguration.Tower) {
        attention(prefix + "self_attn.", tower.width)
        norm(prefix + "layer_norm1", tower.width)
        linear(prefix + "mlp.fc1", tower.width, tower.intermediate)
        linear(prefix + "mlp.fc2", tower.intermediate, tower.width)
        norm(prefix + "layer_norm2", tower.width)
    }
}
