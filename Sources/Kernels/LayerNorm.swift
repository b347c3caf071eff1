import CKernels

/// Scale and shift of a layer normalisation over `width` values.
///
/// `@unchecked Sendable`: the memory is written only in `init` and read only afterwards.
package final class LayerNorm: @unchecked Sendable {
    package let width: Int
    package let epsilon: Float
    let weight: UnsafeMutablePointer<Float>
    let bias: UnsafeMutablePointer<Float>

    package init(weight: [Float], bias: [Float], epsilon: Float) {
        precondition(weight.count == bias.count, "scale and shift have one width")
        width = weight.count
        self.epsilon = epsilon
        self.weight = .allocate(capacity: width)
        self.bias = .allocate(capacity: width)
        self.weight.initialize(from: weight, count: width)
        self.bias.initialize(from: bias, count: width)
    }

    deinit {
        weight.deallocate()
        bias.deallocate()
    }
}

/// Each row of `output` = (row − mean) / √(variance + ε) · weight + bias. In place where output is input.
///
/// With `gapAfter` = n, one row of `output` is left untouched behind each n rows: that is where the message token goes.
package func layerNorm(_ output: Rows, _ input: Rows, _ norm: LayerNorm, gapAfter: Int? = nil, team: ComputeTeam) {
    let group = gapAfter ?? max(input.count, 1)
    let gaps = gapAfter == nil ? 0 : (input.count + group - 1) / group
    precondition(input.width == norm.width && output.width == norm.width, "shapes of a normalisation do not match")
    precondition(output.count == input.count + gaps, "a normalisation gives as many rows as it takes, and its gaps")
    ww_layer_norm(
        team.raw,
        output.base,
        output.stride,
        input.base,
        input.stride,
        input.count,
        norm.width,
        norm.weight,
        norm.bias,
        norm.epsilon,
        group,
        gapAfter == nil ? 0 : 1
    )
}
