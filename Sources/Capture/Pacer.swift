import System

/// Plays a file at its own pace: waits on the monotonic clock until a picture is due.
struct Pacer {
    private var start: (clock: Double, time: Double)?

    init() {}

    /// Waits until the picture at `time` seconds of the time line is due; the first one is due at once, a late one is
    /// not waited for. Returns early, within 50 ms, when cancelled.
    mutating func wait(until time: Double, cancellation: Cancellation) {
        guard let start else {
            self.start = (MonotonicTime.now.seconds, time)
            return
        }
        let due = start.clock + time - start.time
        while !cancellation.isCancelled {
            let left = due - MonotonicTime.now.seconds
            guard left > 0 else { return }
            MonotonicTime.sleep(for: .seconds(min(left, 0.05)))
        }
    }
}
