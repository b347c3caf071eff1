import Checkpoints
import Kernels

/// Cross-frame communication (paper section 3.2): a message per frame from its class token, attended to across frames.
///
/// `m = message_fc(cls)`; `m += message_attn(message_ln(m))` over the messages of the clip, without positions.
struct MessageExchange: Sendable {
    let fc: Linear
    let norm: LayerNorm
    let queryKeyValue: Linear
    let output: Linear
    let heads: Int

    init(_ prefix: String, tower: XCLIPConfiguration.Tower, reader: WeightReader) throws(CheckpointError) {
        let width = tower.width
        fc = try reader.linear(prefix + "message_fc", inputs: width, outputs: width)
        norm = try reader.norm(prefix + "message_ln", width: width, epsilon: tower.epsilon)
        queryKeyValue = try reader.linear(
            ["q", "k", "v"].map { prefix + "message_attn.\($0)_proj" },
            inputs: width,
            outputs: width
        )
        output = try reader.linear(prefix + "message_attn.out_proj", inputs: width, outputs: width)
        heads = tower.heads
    }

    var linears: [Linear] { [fc, queryKeyValue, output] }

    /// The messages before they meet, and their queries, keys and values.
    ///
    /// - classTokens: [F, D] → scratch.messages [F, D], scratch.queryKeyValue [F, 3D].
    func prepare(_ classTokens: Rows, scratch: MessageScratch, team: ComputeTeam) {
        let frames = 0..<classTokens.count
        linear(scratch.messages[frames], classTokens, fc, team: team)
        layerNorm(scratch.normed[frames], scratch.messages[frames], norm, team: team)
        linear(scratch.queryKeyValue[frames], scratch.normed[frames], queryKeyValue, team: team)
    }

    /// Adds what the messages attended to: m += out_proj(attended). [F, D]
    func finish(frames: Range<Int>, scratch: MessageScratch, team: ComputeTeam) {
        linear(scratch.messages[frames], scratch.attended[frames], output, accumulate: true, team: team)
    }
}

/// The memory that messages are computed in, for F frames.
struct MessageScratch {
    let messages: Rows
    let normed: Rows
    let queryKeyValue: Rows
    let attended: Rows

    init(frames: Int, width: Int, arena: FloatArena) {
        messages = arena.makeRows(frames, width: width)
        normed = arena.makeRows(frames, width: width)
        queryKeyValue = arena.makeRows(frames, width: 3 * width)
        attended = arena.makeRows(frames, width: width)
    }

    var queries: Rows { queryKeyValue.columns(0..<messages.width) }
    /// Keys and values side by side, as a frame memory keeps them.
    var keysAndValues: Rows { queryKeyValue.columns(messages.width..<3 * messages.width) }
}
