import System

/// Runs blocking work on a thread of its own, so that none of the cooperative pool's waits.
func offCooperativePool<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { (continuation: CheckedContinuation<Value, Never>) in
        let started = NamedThread.start("blocking") { continuation.resume(returning: work()) }
        // No thread to be had: better a blocked pool than work not done.
        if case .failure = started { continuation.resume(returning: work()) }
    }
}
