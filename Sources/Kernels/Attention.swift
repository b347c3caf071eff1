import CKernels

/// The shape of a multi-head attention over `sets` independent sets of rows.
package struct Attention {
    package var sets: Int
    package var heads: Int
    /// Queries and keys of one set.
    package var queries: Int
    package var keys: Int
    /// Query i sees keys 0…i (the text encoder).
    package var causal: Bool

    package init(sets: Int = 1, heads: Int, queries: Int, keys: Int, causal: Bool = false) {
        self.sets = sets
        self.heads = heads
        self.queries = queries
        self.keys = keys
        self.causal = causal
    }

    /// Floats of scratch that a thread needs for heads of `headWidth` and `keys` keys.
    package static func scratchFloats(headWidth: Int, keys: Int, backend: KernelBackend) -> Int {
        ww_attention_scratch(backend.isa, headWidth, keys)
    }
}

/// output = softmax(q·kᵀ/√headWidth + keyBias)·v for each set and head; heads lie side by side in a row.
///
/// - q, output: [sets, queries, H·headWidth]; where `queryGap` = g, g rows of q behind each set's queries are passed over.
/// - k, v: [sets, keys, H·headWidth].
/// - keyBias: [keys] for a single set: log m for a key that stands for m equal ones, −∞ for one that is not there.
package func attention(
    _ output: Rows,
    q: Rows,
    k: Rows,
    v: Rows,
    shape: Attention,
    queryGap: Int = 0,
    keyBias: UnsafePointer<Float>? = nil,
    team: ComputeTeam
) {
    precondition(shape.sets > 0 && shape.heads > 0 && shape.queries > 0 && shape.keys > 0, "an attention needs a shape")
    precondition(q.width % shape.heads == 0 && k.width == q.width && v.width == q.width && output.width == q.width)
    precondition(
        q.count >= shape.sets * (shape.queries + queryGap) - queryGap && output.count >= shape.sets * shape.queries
    )
    precondition(k.count >= shape.sets * shape.keys && v.count >= shape.sets * shape.keys)
    precondition(keyBias == nil || shape.sets == 1, "a key bias belongs to one set")
    guard team.goesOn() else { return }
    let headWidth = q.width / shape.heads
    var arguments = ww_attention_args(
        output: output.base,
        q: q.base,
        k: k.base,
        v: v.base,
        key_bias: keyBias,
        ldo: output.stride,
        ldq: q.stride,
        ldk: k.stride,
        ldv: v.stride,
        set_o: shape.queries * output.stride,
        set_q: (shape.queries + queryGap) * q.stride,
        set_k: shape.keys * k.stride,
        set_v: shape.keys * v.stride,
        set_bias: 0,
        batches: shape.sets,
        heads: shape.heads,
        head_width: headWidth,
        queries: shape.queries,
        keys: shape.keys,
        scale: 1 / Float(headWidth).squareRoot(),
        causal: shape.causal
    )
    ww_attention(team.raw, &arguments)
}
