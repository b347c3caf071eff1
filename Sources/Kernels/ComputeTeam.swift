import CKernels

/// How matrix products are computed.
package enum KernelBackend: String, Sendable, CaseIterable {
    /// Our packed kernels for AVX-512, AVX2, or the target's baseline instructions (NEON on arm64).
    case avx512, avx2, portable
    /// OpenBLAS's sgemm over plain matrices: the fallback, and the oracle in tests.
    case openBLAS = "openblas"

    /// The fastest backend that this processor supports.
    package static var best: KernelBackend {
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

/// The threads that share the work of each kernel, with their scratch memory.
///
/// One caller uses a team at a time and takes part in the work. Between kernels the other threads spin for about 100 µs
/// and then sleep. Nothing is allocated after `init`.
package final class ComputeTeam {
    let raw: OpaquePointer
    package let backend: KernelBackend
    package let threads: Int

    /// The caller's thread calls this before each product and each attention, so that a long computation can show progress
    /// and do what must not wait for its end. False abandons the computation: from then on kernels do nothing, and leave
    /// their output as it is, until `resume()`.
    package var interlude: (() -> Bool)?
    /// Whether `interlude` has abandoned a computation since the last `resume()`.
    package private(set) var isAbandoned = false

    /// - Parameters:
    ///   - threads: the threads, including the caller.
    ///   - backend: how matrix products are computed.
    ///   - scratchFloats: the largest `Attention.scratchFloats` that the caller will need.
    package init(threads: Int, backend: KernelBackend = .best, scratchFloats: Int = 0) {
        precondition(backend.isAvailable, "this processor does not support \(backend.rawValue)")
        // A container may allow fewer threads than there are processors. A smaller team is slower but works.
        var wanted = max(1, threads)
        var made = ww_team_create(Int32(clamping: wanted), backend.isa, max(0, scratchFloats))
        while made == nil, wanted > 1 {
            wanted /= 2
            made = ww_team_create(Int32(clamping: wanted), backend.isa, max(0, scratchFloats))
        }
        guard let raw = made else { endOutOfMemory(4 * max(0, scratchFloats), for: "a thread's scratch") }
        self.raw = raw
        self.backend = backend
        self.threads = Int(ww_team_threads(raw))
        if backend == .openBLAS { setOpenBLASThreads(self.threads) }
    }

    deinit { ww_team_destroy(raw) }

    /// Lets kernels compute again after a computation was abandoned.
    package func resume() { isAbandoned = false }

    /// Whether the next kernel runs.
    func goesOn() -> Bool {
        if !isAbandoned, let interlude, !interlude() { isAbandoned = true }
        return !isAbandoned
    }

    /// The peak multiply-add rate of all threads together, in FLOP/s.
    ///
    /// - Parameter seconds: how long to measure, approximately.
    package func measuredPeak(seconds: Double = 0.3) -> Double { ww_fma_peak(raw, seconds) }
}
