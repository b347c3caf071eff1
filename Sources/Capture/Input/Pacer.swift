import System

/// Plays a file at its own pace: waits, on the clock of the cancellation, until each picture is due.
struct Pacer {
    private var start: (clock: Double, time: Double)?

    init() {}

    /// Waits until a picture is due. The first picture is due at once; a late one is not waited for.
    ///
    /// - Parameters:
    ///   - time: the picture's position on the time line, in seconds.
    ///   - cancellation: ends the wait within 50 ms.
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
