import Checkpoints
import Kernels

/// One cross-frame block: the message exchange, then a transformer layer over tokens ⊕ message.
struct VisionBlock: Sendable {
    let exchange: MessageExchange
    let layer: TransformerLayer
}

/// The vision encoder's weights, and what follows it for each frame by itself.
struct VisionWeights: Sendable {
    let embedding: PatchEmbedding
    let blocks: [VisionBlock]
    let postNorm: LayerNorm
    /// Class token → E (visual_projection, no bias).
    let visualProjection: Linear
    let promptNorm: LayerNorm
    /// Patches → E (prompts_visual_projection, stored [D, E]).
    let promptProjection: Linear

    init(configuration: XCLIPConfiguration, preprocessing: Preprocessing, reader: WeightReader) throws(CheckpointError)
    {
        let tower = configuration.vision
        embedding = try PatchEmbedding(configuration: configuration, preprocessing: preprocessing, reader: reader)
        var blocks: [VisionBlock] = []
        for index in 0..<tower.layers {
            let prefix = "vision_model.encoder.layers.\(index)."
            blocks.append(
                VisionBlock(
                    exchange: try MessageExchange(prefix, tower: tower, reader: reader),
                    layer: try TransformerLayer(prefix, tower: tower, reader: reader)
                )
            )
        }
        self.blocks = blocks
        postNorm = try reader.norm("vision_model.post_layernorm", width: tower.width, epsilon: tower.epsilon)
        visualProjection = try reader.linear(
            "visual_projection",
            inputs: tower.width,
            outputs: configuration.embedding,
            bias: false
        )
        promptNorm = try reader.norm("prompts_visual_layernorm", width: tower.width, epsilon: tower.epsilon)
        promptProjection = try reader.transposed(
            "prompts_visual_projection",
            inputs: tower.width,
            outputs: configuration.embedding
        )
    }

    var byteCount: Int {
        blocks.reduce(embedding.byteCount + visualProjection.byteCount + promptProjection.byteCount) { total, block in
            (block.exchange.linears + block.layer.linears).reduce(total) { $0 + $1.byteCount }
        }
    }
}
