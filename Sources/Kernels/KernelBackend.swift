import CKernels

/// The kernels for products in floats, and for attention and normalisation.
package enum FloatKernel: String, Sendable, CaseIterable {
    /// Our packed kernels for AVX-512, AVX2, or the target's baseline instructions (NEON on arm64).
    case avx512, avx2, portable
    /// OpenBLAS's sgemm over plain matrices: the fallback, and the oracle in tests.
    case openBLAS = "openblas"

    /// The fastest that this processor supports.
    package static var best: FloatKernel {
        switch ww_isa_best() {
        case WW_ISA_AVX512: return .avx512
        case WW_ISA_AVX2: return .avx2
        default:
            #if arch(x86_64)
                return hasOpenBLAS ? .openBLAS : .portable
            #else
                return .portable
            #endif
        }
    }

    package var isAvailable: Bool { self == .openBLAS ? hasOpenBLAS : ww_isa_available(isa) }

    var isa: ww_isa {
        switch self {
        case .avx512: WW_ISA_AVX512
        case .avx2: WW_ISA_AVX2
        case .portable, .openBLAS:
            ww_isa_available(WW_ISA_AVX2) ? (self == .portable ? WW_ISA_PORTABLE : WW_ISA_AVX2) : WW_ISA_PORTABLE
        }
    }
}

/// How products are computed, in floats and in int8. The two follow from different instructions, so they are chosen apart.
package struct KernelBackend: Hashable, Sendable {
    package let floats: FloatKernel
    /// The kernel for `WeightStorage.int8`. OpenBLAS has none, so ours are used beside it.
    package let int8: Int8Kernel

    package init(floats: FloatKernel, int8: Int8Kernel) {
        self.floats = floats
        self.int8 = int8
    }

    /// The fastest kernels that this processor supports.
    package static var best: KernelBackend { KernelBackend(floats: .best, int8: .best) }

    /// The target's baseline instructions.
    package static let portable = KernelBackend(floats: .portable, int8: .portable)

    package var isAvailable: Bool { floats.isAvailable && int8.isAvailable }

    var raw: ww_backend { ww_backend(isa: floats.isa, int8: int8.raw) }
}

/// Each backend that a kind of processor has, from the newest instructions to the oldest; then OpenBLAS.
extension KernelBackend: CaseIterable {
    package static let allCases = named.map(\.backend)

    private static let named: [(name: String, backend: KernelBackend)] = [
        ("avx512-vnni", KernelBackend(floats: .avx512, int8: .avx512VNNI)),
        ("avx512", KernelBackend(floats: .avx512, int8: .avx2)),
        ("avx-vnni", KernelBackend(floats: .avx2, int8: .avxVNNI)),
        ("avx2", KernelBackend(floats: .avx2, int8: .avx2)),
        ("neon-i8mm", KernelBackend(floats: .portable, int8: .neonI8MM)),
        ("neon-dotprod", KernelBackend(floats: .portable, int8: .neonDotProduct)),
        ("portable", .portable),
        ("openblas", KernelBackend(floats: .openBLAS, int8: .portable)),
    ]
}

/// The newest instructions that it uses, such as "avx-vnni".
extension KernelBackend: LosslessStringConvertible {
    package var description: String {
        Self.named.first { $0.backend == self }?.name ?? "\(floats.rawValue)+\(int8.rawValue)"
    }

    package init?(_ description: String) {
        guard let backend = Self.named.first(where: { $0.name == description })?.backend else { return nil }
        self = backend
    }
}
