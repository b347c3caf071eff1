import Checkpoints
import Kernels

/// One cross-frame block: the message exchange, then a transformer layer over tokens ⊕ message.
struct VisionBlock: Sendable {
    let exchange: MessageExchange
    let layer: TransformerLayer

    var byteCount: Int { (exchange.linears + layer.linears).reduce(0) { $0 + $1.byteCount } }
}

/// The vision encoder's weights, and what follows it for each frame by itself.
struct VisionWeights: Sendable {
    let embedding: PatchEmbedding
    /// The blocks that steps are scored by, in the model's precision.
    let blocks: [VisionBlock]
    /// The published model's, in floats: `blocks` themselves where those are.
    let exactBlocks: [VisionBlock]
    let postNorm: LayerNorm
    /// Class token → E (visual_projection, no bias).
    let visualProjection: Linear
    let promptNorm: LayerNorm
    /// Patches → E (prompts_visual_projection, stored [D, E]).
    let promptProjection: Linear

    init(
        configuration: XCLIPConfiguration,
        preprocessing: Preprocessing,
        precision: Precision,
        reader: WeightReader
    ) throws(CheckpointError) {
        let tower = configuration.vision
        embedding = try PatchEmbedding(configuration: configuration, preprocessing: preprocessing, reader: reader)
        exactBlocks = try Self.blocks(tower, reader: reader)
        blocks = precision == .int8 ? try Self.blocks(tower, reader: reader.storing(.int8)) : exactBlocks
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

    func blocks(in precision: Precision) -> [VisionBlock] { precision == .float32 ? exactBlocks : blocks }

    private static func blocks(
        _ tower: XCLIPConfiguration.Tower,
        reader: WeightReader
    ) throws(CheckpointError) -> [VisionBlock] {
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
        return blocks
    }

    /// Bytes of what a step reads.
    var stepByteCount: Int {
        let others = embedding.byteCount + visualProjection.byteCount + promptProjection.byteCount
        return blocks.reduce(others) { $0 + $1.byteCount }
    }
}
