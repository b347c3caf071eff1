/// A histogram of durations, whose buckets cover inference on fast and slow machines. It has a fixed size, so adding
/// allocates nothing.
package struct DurationHistogram: Sendable, Equatable {
    /// The inclusive upper bounds of the buckets, in seconds. A duration above the last is counted in `count` alone.
    package static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// The sum of all durations, in seconds.
    package private(set) var sum = 0.0
    package private(set) var count: UInt64 = 0
    private var buckets = InlineArray<13, UInt64>(repeating: 0)

    package init() {}

    package mutating func add(seconds: Double) {
        sum += seconds
        count += 1
        for index in 0..<13 where seconds <= Self.bounds[index] {
            buckets[index] += 1
            return
        }
    }

    /// The number of durations above the previous bound and up to this one.
    package func count(ofBucket index: Int) -> UInt64 { buckets[index] }

    package static func == (left: DurationHistogram, right: DurationHistogram) -> Bool {
        left.sum == right.sum && left.count == right.count
            && (0..<13).allSatisfy { left.buckets[$0] == right.buckets[$0] }
    }
}
