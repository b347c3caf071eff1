/// How long something took, by classes of seconds that cover what inference takes on a fast and on a slow machine. A value
/// of fixed size: adding to it allocates nothing.
package struct DurationHistogram: Sendable, Equatable {
    /// The upper bounds of the buckets, in seconds; what is above the last is in `count` alone.
    package static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// In seconds.
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

    /// What lay above the bound before and not above this one's.
    package func count(ofBucket index: Int) -> UInt64 { buckets[index] }

    package static func == (left: DurationHistogram, right: DurationHistogram) -> Bool {
        left.sum == right.sum && left.count == right.count
            && (0..<13).allSatisfy { left.buckets[$0] == right.buckets[$0] }
    }
}
