import Synchronization

/// Passes the scores of every decision from the inference thread to the thread that keeps them: a ring of fixed size, without
/// a lock and without allocation. If the keeper is so late that the ring is full, the newest decision is lost and counted.
///
/// `@unchecked Sendable`: one producer writes only slots that the consumer has given back, and the one consumer reads only
/// slots that were filled. The two counts hand the slots over.
package final class DecisionRing: @unchecked Sendable {
    /// Minutes of decisions: a disk may hang for a while.
    private static let capacity = 1024

    private let labels: Int
    private let times: UnsafeMutableBufferPointer<Duration>
    /// [capacity, labels]
    private let scores: UnsafeMutableBufferPointer<Double>
    private let filled = Atomic<Int>(0)
    private let emptied = Atomic<Int>(0)
    private let lostCount = Atomic<Int>(0)

    /// - Parameter labels: how many scores a decision has.
    package init(labels: Int) {
        self.labels = labels
        times = .allocate(capacity: Self.capacity)
        times.initialize(repeating: .zero)
        scores = .allocate(capacity: Self.capacity * labels)
        scores.initialize(repeating: 0)
    }

    deinit {
        times.deallocate()
        scores.deallocate()
    }

    /// The number of decisions lost so far.
    package var lost: Int { lostCount.load(ordering: .relaxed) }

    /// Takes a decision. Call it on the inference thread only.
    ///
    /// - Parameters:
    ///   - time: when it was made, on the monotonic clock.
    ///   - decided: one score for each label.
    func append(_ time: Duration, _ decided: [Double]) {
        precondition(decided.count == labels, "a score for each label")
        let next = filled.load(ordering: .relaxed)
        guard next - emptied.load(ordering: .acquiring) < Self.capacity else {
            lostCount.add(1, ordering: .relaxed)
            return
        }
        let slot = next % Self.capacity
        times[slot] = time
        for label in 0..<labels { scores[slot * labels + label] = decided[label] }
        filled.store(next + 1, ordering: .releasing)
    }

    /// Hands out the waiting decisions, the oldest first, and frees their slots. Call it on one thread only.
    package func drain(_ body: (_ time: Duration, _ scores: UnsafeBufferPointer<Double>) -> Void) {
        let end = filled.load(ordering: .acquiring)
        for index in emptied.load(ordering: .relaxed)..<end {
            let slot = index % Self.capacity
            body(times[slot], UnsafeBufferPointer(rebasing: scores[slot * labels..<(slot + 1) * labels]))
        }
        emptied.store(end, ordering: .releasing)
    }
}
