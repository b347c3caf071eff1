import System

/// Plays a file at its own pace by waiting on the monotonic clock until each picture is due.
struct Pacer {
    private var start: (clock: Double, time: Double)?

    init() {}

    /// Waits until a picture is due. The first picture is due at once; a late one is not waited for.
    ///
    /// - Parameters:
    ///   - time: the picture's position on the time line, in seconds.
    ///   - cancellation: ends the wait within 50 ms.
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
