import CKernels

/// The shape of a multi-head attention over `sets` independent sets of rows.
package struct Attention {
    package var sets: Int
    package var heads: Int
    /// The number of queries in one set.
    package var queries: Int
    /// The number of keys in one set.
    package var keys: Int
    /// Whether query i sees only the keys 0…i, as in the text encoder.
    package var causal: Bool

    package init(sets: Int = 1, heads: Int, queries: Int, keys: Int, causal: Bool = false) {
        self.sets = sets
        self.heads = heads
        self.queries = queries
        self.keys = keys
        self.causal = causal
    }

    /// The scratch memory that one thread needs, in floats.
    package static func scratchFloats(headWidth: Int, keys: Int, backend: KernelBackend) -> Int {
        ww_attention_scratch(backend.floats.isa, headWidth, keys)
    }
}

/// output = softmax(q·kᵀ/√headWidth + keyBias)·v for each set and head. Heads lie side by side in a row.
///
/// - Parameters:
///   - output: [sets, queries, H · headWidth].
///   - q: [sets, queries, H · headWidth], with `queryGap` further rows between the sets.
///   - k: [sets, keys, H · headWidth].
///   - v: [sets, keys, H · headWidth].
///   - shape: the sets, heads, queries and keys.
///   - queryGap: the rows of `q` to skip after each set's queries.
///   - keyBias: [keys], for a single set only: log m for a key that represents m equal ones, −∞ for an absent one.
///   - team: the threads, with scratch for `Attention.scratchFloats`.
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
    precondition(
        shape.sets > 0 && shape.heads > 0 && shape.queries > 0 && shape.keys > 0,
        "an attention needs sets, heads, queries and keys"
    )
    precondition(q.width % shape.heads == 0 && k.width == q.width && v.width == q.width && output.width == q.width)
    precondition(
        q.count >= shape.sets * (shape.queries + queryGap) - queryGap && output.count >= shape.sets * shape.queries
    )
    precondition(k.count >= shape.sets * shape.keys && v.count >= shape.sets * shape.keys)
    precondition(keyBias == nil || shape.sets == 1, "a key bias is for one set only")
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
