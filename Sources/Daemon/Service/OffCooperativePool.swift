import System

/// Runs blocking work on a thread of its own, so that it holds none of the cooperative pool's threads.
func offCooperativePool<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { (continuation: CheckedContinuation<Value, Never>) in
        let started = NamedThread.start("blocking") { continuation.resume(returning: work()) }
        // Without a thread, a blocked pool is better than work that is not done.
        if case .failure = started { continuation.resume(returning: work()) }
    }
}
