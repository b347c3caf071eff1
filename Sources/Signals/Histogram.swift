/// Counts of values in equal steps, for percentiles without sorting. Values beyond its ends count at its ends.
struct Histogram {
    private let least: Float
    private let step: Float
    private var counts: [Int]
    private(set) var total = 0

    init(from least: Float, to most: Float, step: Float) {
        self.least = least
        self.step = step
        counts = Array(repeating: 0, count: Int((most - least) / step) + 1)
    }

    mutating func clear() {
        for index in counts.indices { counts[index] = 0 }
        total = 0
    }

    mutating func add(_ value: Float) {
        let index = Int(((value - least) / step).rounded())
        counts[min(counts.count - 1, max(0, index))] += 1
        total += 1
    }

    /// The value that this share of the values does not exceed; 0 without values.
    func percentile(_ share: Float) -> Float {
        guard total > 0 else { return 0 }
        let wanted = max(1, Int((Float(total) * share).rounded(.up)))
        var seen = 0
        for index in counts.indices {
            seen += counts[index]
            if seen >= wanted { return least + Float(index) * step }
        }
        return least + Float(counts.count - 1) * step
    }
}
