import CKernels
import Glibc

/// The activation that is applied when a product's result is stored.
package enum Activation: Sendable, Equatable {
    case identity
    /// x · σ(1.702 x)
    case quickGELU
    /// x · Φ(x), with the error function
    case gelu

    var raw: ww_activation {
        switch self {
        case .identity: WW_IDENTITY
        case .quickGELU: WW_QUICK_GELU
        case .gelu: WW_GELU
        }
    }
}

/// How weights are stored in memory, and so how they are multiplied.
package enum WeightStorage: Sendable, Equatable {
    /// Multiplied in Float.
    case float32, float16, bfloat16
    /// A byte per weight and a scale per output. Each row of a product's input is quantised to bytes, and the sums are exact
    /// integers. A row with a value that is not finite gives NaN. CKernels.h defines the result.
    case int8

    var raw: ww_storage {
        switch self {
        case .float32: WW_F32
        case .float16: WW_F16
        case .bfloat16: WW_BF16
        case .int8: WW_INT8
        }
    }
}

/// A weight matrix W [outputs, inputs] with its bias, in the layout that its product needs: panels for our kernels,
/// plain rows for OpenBLAS's.
///
/// `@unchecked Sendable`: the memory is written only in `init` and read-only afterwards.
package final class Linear: @unchecked Sendable {
    package let inputs: Int
    package let outputs: Int
    package let backend: KernelBackend
    package let byteCount: Int
    let weights: UnsafeMutableRawPointer
    let bias: UnsafeMutablePointer<Float>?
    package let storage: WeightStorage
    private let arena: WeightArena

    /// Packs a matrix.
    ///
    /// - Parameters:
    ///   - inputs: the columns of W.
    ///   - outputs: the rows of W.
    ///   - bias: [outputs]; nil for none.
    ///   - storage: the type of the stored weights. OpenBLAS uses `.float32` for all but `.int8`, which our kernels multiply. A
    ///     matrix of more than 65,536 inputs, whose sums in int8 could exceed 32 bits, stays in `.float32`.
    ///   - backend: the kernels that will use the matrix.
    ///   - arena: the memory for the weights; the matrices of a model share one.
    ///   - readPacked: fills a matrix in `.int8` as it was packed before (`packedBytes`); false to pack it now.
    ///   - readRows: fills the given rows of W into a dense buffer, `inputs` floats each.
    /// - Throws: the errors of `readRows`.
    package init<Failure: Error>(
        inputs: Int,
        outputs: Int,
        bias: [Float]?,
        storage: WeightStorage = .float32,
        backend: KernelBackend,
        arena: WeightArena = WeightArena(),
        readPacked: ((UnsafeMutableRawBufferPointer) -> Bool)? = nil,
        readRows: (Range<Int>, UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(
            inputs > 0 && outputs > 0 && (bias == nil || bias?.count == outputs),
            "a matrix needs inputs, outputs and a bias per output"
        )
        let fits = storage != .int8 || inputs <= Int(WW_INT8_INPUTS)
        let storage = fits && (backend.floats != .openBLAS || storage == .int8) ? storage : .float32
        let isPlain = backend.floats == .openBLAS && storage == .float32
        self.inputs = inputs
        self.outputs = outputs
        self.backend = backend
        self.storage = storage
        byteCount = isPlain ? 4 * inputs * outputs : ww_packed_bytes(backend.raw, storage.raw, inputs, outputs)
        self.arena = arena
        let memory = arena.allocate(byteCount)
        weights = memory
        self.bias = bias.map { values in
            let copy = UnsafeMutablePointer<Float>.allocate(capacity: outputs)
            copy.initialize(from: values, count: outputs)
            return copy
        }
        if storage == .int8, let readPacked {
            if readPacked(UnsafeMutableRawBufferPointer(start: memory, count: byteCount)) { return }
            // It may hold a part of what was to be read, and packing needs zeros.
            memset(memory, 0, byteCount)
        }
        let step = max(1, min(outputs, 65_536 / inputs + 1))
        let block = UnsafeMutablePointer<Float>.allocate(capacity: step * inputs)
        defer { block.deallocate() }
        for first in stride(from: 0, to: outputs, by: step) {
            let range = first..<min(first + step, outputs)
            try readRows(range, UnsafeMutableBufferPointer(start: block, count: range.count * inputs))
            if isPlain {
                memory.advanced(by: first * inputs * 4).copyMemory(from: block, byteCount: range.count * inputs * 4)
            } else {
                ww_pack(backend.raw, memory, storage.raw, inputs, outputs, block, inputs, first, range.count)
            }
        }
    }

    deinit {
        bias?.deallocate()
    }

    /// The matrix as it lies in memory, as long as it lives. Another matrix of the same sizes, storage and backend may be filled
    /// with it.
    package var packedBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: weights, count: byteCount) }

    var raw: ww_weights {
        ww_weights(
            panels: UnsafeRawPointer(weights),
            bytes: byteCount,
            bias: UnsafePointer(bias),
            inputs: inputs,
            outputs: outputs,
            storage: storage.raw
        )
    }
}

/// output [rows, outputs] = activation(input [rows, inputs] · Wᵀ + bias).
///
/// - Parameters:
///   - output: [rows, outputs].
///   - input: [rows, inputs].
///   - weights: W and the bias.
///   - accumulate: adds input · Wᵀ + bias to `output` instead; only without an activation.
///   - activation: applied to the result.
///   - later: weights that are used soon with too few rows to hide the memory latency; they are prefetched meanwhile.
///   - team: the threads.
package func linear(
    _ output: Rows,
    _ input: Rows,
    _ weights: Linear,
    accumulate: Bool = false,
    activation: Activation = .identity,
    later: Linear? = nil,
    team: ComputeTeam
) {
    precondition(input.width == weights.inputs && output.width == weights.outputs, "shapes of a product do not match")
    precondition(input.count == output.count, "a product needs an output row for each input row")
    precondition(weights.backend == team.backend, "weights are laid out for another backend")
    precondition(later == nil || later?.backend == team.backend, "weights are laid out for another backend")
    precondition(!accumulate || activation == .identity, "an accumulated product has no activation")
    guard input.count > 0, team.goesOn() else { return }
    if team.backend.floats == .openBLAS, weights.storage != .int8 {
        linearByOpenBLAS(output, input, weights, accumulate: accumulate, activation: activation)
    } else {
        var (own, other) = (weights.raw, (later ?? weights).raw)
        withUnsafePointer(to: &own) { own in
            withUnsafePointer(to: &other) { other in
                ww_linear(
                    team.raw,
                    output.base,
                    output.stride,
                    input.base,
                    input.stride,
                    input.count,
                    own,
                    accumulate,
                    activation.raw,
                    later == nil ? nil : other
                )
            }
        }
    }
}
