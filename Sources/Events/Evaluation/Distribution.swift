/// A handful of measured values and what they say together.
package struct Distribution: Sendable, Equatable {
    package private(set) var values: [Double] = []

    package init(_ values: [Double] = []) { self.values = values }

    package mutating func add(_ value: Double) { values.append(value) }

    package mutating func add(_ other: Distribution) { values += other.values }

    package var count: Int { values.count }
    /// nil where there are no values; so are the others.
    package var mean: Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }
    package var largest: Double? { values.max() }

    /// Of these values, not of a population they are drawn from.
    package var standardDeviation: Double? {
        guard let mean else { return nil }
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }

    /// The values below which each of these shares of all lie, linear between neighbours as NumPy's `quantile` is.
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
