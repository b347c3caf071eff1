/// The waiting times between retries. They double up to a cap, with jitter, so that many cameras behind one switch do
/// not reconnect at the same instant.
package struct Backoff: Sendable, Equatable {
    /// The first wait, before jitter.
    package let initial: Duration
    /// The longest wait.
    package let cap: Duration
    private var attempt = 0

    package init(initial: Duration = .seconds(1), cap: Duration = .seconds(30)) {
        precondition(initial > .zero && cap >= initial, "a back-off needs 0 < initial <= cap")
        self.initial = initial
        self.cap = cap
    }

    /// The next wait.
    ///
    /// - Parameter random: returns a random number in a range; replaceable in tests.
    /// - Returns: between half and all of `initial` · 2ⁿ, at most `cap`, where n is the number of waits since
    ///   `reset()`.
    package mutating func next(random: (ClosedRange<Double>) -> Double = { Double.random(in: $0) }) -> Duration {
        var wait = initial
        for _ in 0..<attempt where wait < cap { wait *= 2 }
        if wait < cap { attempt += 1 }
        return min(wait, cap) * random(0.5...1)
    }

    /// Resets the wait after a success: the next one is `initial` again.
    package mutating func reset() { attempt = 0 }
}
