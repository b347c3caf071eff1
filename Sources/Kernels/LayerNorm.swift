import CKernels

/// The scale and shift of a layer normalisation over `width` values.
///
/// `@unchecked Sendable`: the memory is written only in `init` and read-only afterwards.
package final class LayerNorm: @unchecked Sendable {
    package let width: Int
    package let epsilon: Float
    let weight: UnsafeMutablePointer<Float>
    let bias: UnsafeMutablePointer<Float>

    package init(weight: [Float], bias: [Float], epsilon: Float) {
        precondition(weight.count == bias.count, "scale and shift must have the same width")
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

/// Each row of `output` = (row − mean) / √(variance + ε) · weight + bias. `output` may be `input`.
///
/// - Parameters:
///   - output: [rows and gaps, width].
///   - input: [rows, width].
///   - norm: the scale, shift and ε.
///   - gapAfter: if n, one row of `output` stays untouched after every n rows; the message token takes its place.
///   - team: the threads.
package func layerNorm(_ output: Rows, _ input: Rows, _ norm: LayerNorm, gapAfter: Int? = nil, team: ComputeTeam) {
    let group = gapAfter ?? max(input.count, 1)
    let gaps = gapAfter == nil ? 0 : (input.count + group - 1) / group
    precondition(input.width == norm.width && output.width == norm.width, "shapes of a normalisation do not match")
    precondition(output.count == input.count + gaps, "a normalisation needs an output row for each input row and gap")
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
