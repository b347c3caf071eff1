import CKernels
import COpenBLAS

func setOpenBLASThreads(_ count: Int) { openblas_set_num_threads(Int32(clamping: count)) }

/// The product through sgemm, with bias and activation in a separate pass: for processors without a kernel of ours, and
/// for tests.
func linearByOpenBLAS(_ output: Rows, _ input: Rows, _ weights: Linear, accumulate: Bool, activation: Activation) {
    cblas_sgemm(
        CblasRowMajor,
        CblasNoTrans,
        CblasTrans,
        blasint(input.count),
        blasint(weights.outputs),
        blasint(weights.inputs),
        1,
        input.base,
        blasint(input.stride),
        weights.weights.assumingMemoryBound(to: Float.self),
        blasint(weights.inputs),
        accumulate ? 1 : 0,
        output.base,
        blasint(output.stride)
    )
    for row in 0..<output.count {
        let values = output.base + row * output.stride
        if let bias = weights.bias {
            for column in 0..<output.width { values[column] += bias[column] }
        }
        if activation != .identity { ww_activate(values, output.width, activation.raw, KernelBackend.openBLAS.isa) }
    }
}
