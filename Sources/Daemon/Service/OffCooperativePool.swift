import Threads

/// Runs blocking work on a thread of its own, so that none of the cooperative pool's waits.
func offCooperativePool(_ work: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        let started = NamedThread.start("blocking") {
            work()
            continuation.resume()
        }
        guard case .success = started else {
            // No thread to be had: better a blocked pool than work not done.
            work()
            continuation.resume()
            return
        }
    }
}
