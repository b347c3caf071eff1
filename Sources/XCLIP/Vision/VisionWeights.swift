import Checkpoints
import Kernels

/// One cross-frame block: the message exchange, then a transformer layer over tokens ⊕ message.
struct VisionBlock: Sendable {
    let exchange: MessageExchange
    let layer: TransformerLayer

    /// In the order in which they are read.
    var linears: [Linear] { exchange.linears + layer.linears }

    var byteCount: Int { linears.reduce(0) { $0 + $1.byteCount } }
}

/// The vision encoder's weights, and what follows it for each frame by itself.
struct VisionWeights: Sendable {
    let embedding: PatchEmbedding
    /// The blocks that steps are scored by, in the model's precision.
    let blocks: [VisionBlock]
    /// The blocks in floats: `blocks` itself if the model is in floats.
    let floats: FloatBlocks
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
        hasFloats: Bool,
        reader: WeightReader
    ) throws(CheckpointError) {
        let tower = configuration.vision
        embedding = try PatchEmbedding(configuration: configuration, preprocessing: preprocessing, reader: reader)
        blocks = try Self.blocks(tower, reader: precision == .int8 ? reader.storing(.int8) : reader)
        floats = FloatBlocks(precision == .float32 ? blocks : hasFloats ? try Self.blocks(tower, reader: reader) : [])
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

    static func blocks(
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
