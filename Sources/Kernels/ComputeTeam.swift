import CKernels

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
        precondition(backend.isAvailable, "this processor does not support \(backend)")
        // A container may allow fewer threads than there are processors. A smaller team is slower but works.
        var wanted = max(1, threads)
        var made = ww_team_create(Int32(clamping: wanted), backend.raw, max(0, scratchFloats))
        while made == nil, wanted > 1 {
            wanted /= 2
            made = ww_team_create(Int32(clamping: wanted), backend.raw, max(0, scratchFloats))
        }
        guard let raw = made else { endOutOfMemory(4 * max(0, scratchFloats), for: "a thread's scratch") }
        self.raw = raw
        self.backend = backend
        self.threads = Int(ww_team_threads(raw))
        if backend.floats == .openBLAS { setOpenBLASThreads(self.threads) }
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
