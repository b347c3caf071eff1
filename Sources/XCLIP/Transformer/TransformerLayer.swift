import Checkpoints
import Kernels

/// A pre-norm transformer block: `x += attn(ln_1(x))`, `x += mlp(ln_2(x))`.
///
/// Checkpoint keys: layer_norm1, self_attn.{q,k,v,out}_proj, layer_norm2, mlp.fc1, mlp.fc2.
struct TransformerLayer: Sendable {
    let norm1: LayerNorm
    let queryKeyValue: Linear
    let attentionOutput: Linear
    let norm2: LayerNorm
    let up: Linear
    let down: Linear
    let tower: XCLIPConfiguration.Tower

    init(_ prefix: String, tower: XCLIPConfiguration.Tower, reader: WeightReader) throws(CheckpointError) {
        let width = tower.width
        norm1 = try reader.norm(prefix + "layer_norm1", width: width, epsilon: tower.epsilon)
        queryKeyValue = try reader.linear(
            ["q", "k", "v"].map { prefix + "self_attn.\($0)_proj" },
            inputs: width,
            outputs: width
        )
        attentionOutput = try reader.linear(prefix + "self_attn.out_proj", inputs: width, outputs: width)
        norm2 = try reader.norm(prefix + "layer_norm2", width: width, epsilon: tower.epsilon)
        up = try reader.linear(prefix + "mlp.fc1", inputs: width, outputs: tower.intermediate)
        down = try reader.linear(prefix + "mlp.fc2", inputs: tower.intermediate, outputs: width)
        self.tower = tower
    }

    var linears: [Linear] { [queryKeyValue, attentionOutput, up, down] }

    /// The block over independent sets of tokens, in place.
    ///
    /// - x: [sets · tokens, D].
    /// - messages: [sets, D], one more token for each set (X-CLIP's message token): attended to, and then dropped.
    /// - later: what is read after this layer, fetched meanwhile.
    /// - keep: gets each set's keys and values, those of its message last: [tokens + 1, 2D].
    func apply(
        to x: Rows,
        tokens: Int,
        messages: Rows? = nil,
        causal: Bool = false,
        later: LaterWeights = LaterWeights(),
        scratch: LayerScratch,
        team: ComputeTeam,
        keep: (_ set: Int, _ keysAndValues: Rows) -> Void = { _, _ in }
    ) {
        let width = tower.width
        let sets = x.count / tokens
        let keys = tokens + (messages == nil ? 0 : 1)
        let step = max(1, scratch.rows / keys)
        for first in stride(from: 0, to: sets, by: step) {
            let count = min(step, sets - first)
            let x = x[first * tokens..<(first + count) * tokens]
            let normed = scratch.normed[0..<count * keys]
            let qkv = scratch.queryKeyValue[0..<count * keys]
            let attended = scratch.attended[0..<x.count]
            let hidden = scratch.hidden[0..<x.count]
            let fetched = first + count < sets ? LaterWeights() : later
            // tokens ⊕ m → ln_1 → Q, K, V
            layerNorm(normed, x, norm1, gapAfter: messages == nil ? nil : tokens, team: team)
            if let messages {
                layerNorm(normed.every(keys, from: tokens), messages[first..<first + count], norm1, team: team)
            }
            linear(qkv, normed, queryKeyValue, team: team)
            for set in 0..<count {
                keep(first + set, qkv[set * keys..<(set + 1) * keys].columns(width..<3 * width))
            }
            attention(
                attended,
                q: qkv.columns(0..<width),
                k: qkv.columns(width..<2 * width),
                v: qkv.columns(2 * width..<3 * width),
                shape: Attention(sets: count, heads: tower.heads, queries: tokens, keys: keys, causal: causal),
                queryGap: keys - tokens,
                team: team
            )
            linear(x, attended, attentionOutput, accumulate: true, later: fetched.duringOutput, team: team)
            // x += mlp(ln_2(x))
            layerNorm(normed[0..<x.count], x, norm2, team: team)
            linear(
                hidden,
                normed[0..<x.count],
                up,
                activation: tower.activation,
                later: fetched.duringUp,
                team: team
            )
            linear(x, hidden, down, accumulate: true, later: fetched.duringDown, team: team)
        }
    }
}

/// The memory a `TransformerLayer` works in: enough rows for its products to run at full speed, few enough for the cache.
struct LayerScratch {
    /// Rows that are worked on at a time.
    let rows: Int
    let normed: Rows
    let queryKeyValue: Rows
    let attended: Rows
    let hidden: Rows

    /// About this many rows keep the kernels busy while their activations stay in the second cache.
    static let goodRows = 416

    /// `tokens` and `sets` at most, of towers as wide as `tower`.
    init(tower: XCLIPConfiguration.Tower, tokens: Int, sets: Int, arena: FloatArena) {
        rows = max(tokens, min(tokens * sets, Self.goodRows / tokens * tokens))
        normed = arena.makeRows(rows, width: tower.width)
        queryKeyValue = arena.makeRows(rows, width: 3 * tower.width)
        attended = arena.makeRows(rows, width: tower.width)
        hidden = arena.makeRows(rows, width: tower.intermediate)
    }
}
