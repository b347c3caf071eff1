import System

/// Plays a file at its own pace: waits until a picture is due, by the clock of the cancellation.
struct Pacer {
    private var start: (clock: Double, time: Double)?

    init() {}

    /// Waits until the picture at `time` seconds of the time line is due; the first one is due at once, a late one is
    /// not waited for. Returns early, within 50 ms, when cancelled.
    mutating func wait(until time: Double, cancellation: Cancellation) {
        let clock = cancellation.clock
        guard let start else {
            self.start = (clock.now().seconds, time)
            return
        }
        let due = start.clock + time - start.time
        while !cancellation.isCancelled {
            let left = due - clock.now().seconds
            guard left > 0 else { return }
            clock.sleep(.seconds(min(left, 0.05)))
        }
    }
}
