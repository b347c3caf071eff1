/// How long to wait before the next try: doubling up to a cap, with jitter so that many cameras behind one switch do
/// not come back at the same instant.
package struct Backoff: Sendable, Equatable {
    /// The first wait, before jitter.
    package let initial: Duration
    /// No wait is longer.
    package let cap: Duration
    private var attempt = 0

    package init(initial: Duration = .seconds(1), cap: Duration = .seconds(30)) {
        precondition(initial > .zero && cap >= initial, "a back-off needs 0 < initial <= cap")
        self.initial = initial
        self.cap = cap
    }

    /// The next wait: between half and all of `initial` · 2ⁿ, n being the waits since `reset()`, never above `cap`.
    package mutating func next(random: (ClosedRange<Double>) -> Double = { Double.random(in: $0) }) -> Duration {
        var wait = initial
        for _ in 0..<attempt where wait < cap { wait *= 2 }
        if wait < cap { attempt += 1 }
        return min(wait, cap) * random(0.5...1)
    }

    /// The source works again: the next wait is the first one's.
    package mutating func reset() { attempt = 0 }
}
