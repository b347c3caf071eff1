import CKernels

/// How matrix products are computed.
package enum KernelBackend: String, Sendable, CaseIterable {
    /// Our packed kernels for AVX-512, AVX2, or what the target has by itself (NEON on arm64).
    case avx512, avx2, portable
    /// OpenBLAS's sgemm over plain matrices: the fallback, and the oracle in tests.
    case openBLAS = "openblas"

    /// The best that this processor runs.
    package static var best: KernelBackend {
        switch ww_isa_best() {
        case WW_ISA_AVX512: return .avx512
        case WW_ISA_AVX2: return .avx2
        default:
            #if arch(x86_64)
                return .openBLAS
            #else
                return .portable
            #endif
        }
    }

    package var isAvailable: Bool { self == .openBLAS || ww_isa_available(isa) }

    var isa: ww_isa {
        switch self {
        case .avx512: WW_ISA_AVX512
        case .avx2: WW_ISA_AVX2
        case .portable, .openBLAS:
            ww_isa_available(WW_ISA_AVX2) ? (self == .portable ? WW_ISA_PORTABLE : WW_ISA_AVX2) : WW_ISA_PORTABLE
        }
    }
}

/// The threads that share each kernel's work, with their scratch memory.
///
/// One caller at a time, who works too; between kernels the others spin for about 100 µs, then sleep. Nothing is
/// allocated after `init`.
package final class ComputeTeam {
    let raw: OpaquePointer
    package let backend: KernelBackend
    package let threads: Int

    /// Called by the caller's thread before each product and each attention: a long computation shows that it goes on, and
    /// does what must not wait for its end. False abandons the computation: it and all that follow do nothing, and leave
    /// what they were to fill as it is, until `resume()`.
    package var interlude: (() -> Bool)?
    /// Whether `interlude` has abandoned a computation since the last `resume()`.
    package private(set) var isAbandoned = false

    /// `scratchFloats`: the largest `Attention.scratchFloats` that the caller will need.
    package init(threads: Int, backend: KernelBackend = .best, scratchFloats: Int = 0) {
        precondition(backend.isAvailable, "this processor does not run \(backend.rawValue)")
        // A container may allow fewer threads than there are processors: a smaller team is slower, none is useless.
        var wanted = max(1, threads)
        var made = ww_team_create(Int32(clamping: wanted), backend.isa, max(0, scratchFloats))
        while made == nil, wanted > 1 {
            wanted /= 2
            made = ww_team_create(Int32(clamping: wanted), backend.isa, max(0, scratchFloats))
        }
        guard let raw = made else { preconditionFailure("no memory for a team of one") }
        self.raw = raw
        self.backend = backend
        self.threads = Int(ww_team_threads(raw))
        if backend == .openBLAS { setOpenBLASThreads(self.threads) }
    }

    deinit { ww_team_destroy(raw) }

    /// Computes again after a computation was abandoned.
    package func resume() { isAbandoned = false }

    /// Whether the next kernel is to run.
    func goesOn() -> Bool {
        if !isAbandoned, let interlude, !interlude() { isAbandoned = true }
        return !isAbandoned
    }

    /// The multiply-add peak of all threads together, in FLOP/s, measured for about `seconds`.
    package func measuredPeak(seconds: Double = 0.3) -> Double { ww_fma_peak(raw, seconds) }
}
