import CKernels
import COpenBLAS

/// Whether OpenBLAS can be loaded. The first call loads it.
var hasOpenBLAS: Bool { openblas_load() }

func setOpenBLASThreads(_ count: Int) { openblas_use_threads(Int32(clamping: count)) }

/// The product through sgemm, with bias and activation in a separate pass: for processors without a kernel of ours, and
/// for tests.
func linearByOpenBLAS(_ output: Rows, _ input: Rows, _ weights: Linear, accumulate: Bool, activation: Activation) {
    openblas_multiply(
        output.base,
        Int32(output.stride),
        input.base,
        Int32(input.stride),
        weights.weights.assumingMemoryBound(to: Float.self),
        Int32(input.count),
        Int32(weights.outputs),
        Int32(weights.inputs),
        accumulate
    )
    for row in 0..<output.count {
        let values = output.base + row * output.stride
        if let bias = weights.bias {
            for column in 0..<output.width { values[column] += bias[column] }
        }
        if activation != .identity { ww_activate(values, output.width, activation.raw, FloatKernel.openBLAS.isa) }
    }
}
