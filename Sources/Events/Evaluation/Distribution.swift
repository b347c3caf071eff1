/// A set of measured values and its statistics.
package struct Distribution: Sendable, Equatable {
    package private(set) var values: [Double] = []

    package init(_ values: [Double] = []) { self.values = values }

    package mutating func add(_ value: Double) { values.append(value) }

    package mutating func add(_ other: Distribution) { values += other.values }

    package var count: Int { values.count }
    /// The mean; nil without values, as are the other statistics.
    package var mean: Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }
    package var largest: Double? { values.max() }

    /// The standard deviation of these values themselves, not an estimate for a population.
    package var standardDeviation: Double? {
        guard let mean else { return nil }
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }

    /// The quantiles at the given shares, from 0 to 1, with linear interpolation as in NumPy's `quantile`.
    package func quantiles(_ shares: [Double]) -> [Double?] {
        let sorted = values.sorted()
        return shares.map { share in
            guard let last = sorted.indices.last else { return nil }
            let position = Double(last) * min(max(share, 0), 1)
            let below = Int(position)
            let above = min(below + 1, last)
            return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
        }
    }

    package func quantile(_ share: Double) -> Double? { quantiles([share])[0] }
    package var median: Double? { quantile(0.5) }
    package var p95: Double? { quantile(0.95) }
}
