import CKernels

/// The kernels for products of weights in int8. Each gives the same bits; they differ in speed.
package enum Int8Kernel: String, Sendable, CaseIterable {
    /// vpdpbusd of 512 bits: Intel's 11th generation and Xeons since Cascade Lake, AMD since Zen 4.
    case avx512VNNI = "avx512-vnni"
    /// vpdpbusd of 256 bits: Intel since the 12th generation, N100 and the like.
    case avxVNNI = "avx-vnni"
    /// usmmla: Graviton 3, Apple M2 and later.
    case neonI8MM = "neon-i8mm"
    /// sdot: Raspberry Pi 5 and the like.
    case neonDotProduct = "neon-dotprod"
    /// Pairs of 16-bit products: no faster than floats, but a fourth of their memory.
    case avx2
    case portable

    /// The fastest that this processor supports.
    package static let best = allCases.first(where: \.isAvailable) ?? .portable

    /// The kernels whose instructions this processor has, but whose proof fails, so that they are not used.
    package static let failed = allCases.filter { ww_int8_available($0.raw) && !ww_int8_proven($0.raw) }

    /// Whether this processor has the instructions, and computes a known product bit by bit as the definition does.
    package var isAvailable: Bool { ww_int8_available(raw) && !Self.failed.contains(self) }

    /// Whether it multiplies bytes by an instruction of their own, several times as fast as floats.
    package var isAccelerated: Bool {
        switch self {
        case .avx512VNNI, .avxVNNI, .neonI8MM, .neonDotProduct: true
        case .avx2, .portable: false
        }
    }

    var raw: ww_int8 {
        switch self {
        case .avx512VNNI: WW_INT8_AVX512_VNNI
        case .avxVNNI: WW_INT8_AVX_VNNI
        case .neonI8MM: WW_INT8_NEON_I8MM
        case .neonDotProduct: WW_INT8_NEON_DOTPROD
        case .avx2: WW_INT8_AVX2
        case .portable: WW_INT8_PORTABLE
        }
    }
}
