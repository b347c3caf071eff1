package import Kernels

/// How the products of the vision encoder's blocks and messages are computed where a step is scored at `cached` or `sweep`.
///
/// Patches, heads, integration transformer, prompts and texts stay in floats. So does the published model that decides near
/// a threshold.
package enum Precision: String, Sendable, CaseIterable {
    case float32
    /// Weights in 8 bits with a scale for each output, inputs in 8 bits with a scale and a zero for each row.
    case int8
}

/// The precision that was asked for.
package enum PrecisionChoice: String, Sendable, CaseIterable {
    /// `int8` if the processor multiplies bytes by instructions of their own, `float32` otherwise.
    case auto
    case float32, int8

    /// The precision that a model is loaded in.
    package func precision(on backend: KernelBackend) -> Precision {
        switch self {
        case .auto: backend.int8.isAccelerated ? .int8 : .float32
        case .float32: .float32
        case .int8: .int8
        }
    }
}
