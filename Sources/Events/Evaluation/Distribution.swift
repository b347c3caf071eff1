/// A handful of measured values and what they say together.
public struct Distribution: Sendable, Equatable {
    public private(set) var values: [Double] = []

    public init(_ values: [Double] = []) { self.values = values }

    public mutating func add(_ value: Double) { values.append(value) }

    public mutating func add(_ other: Distribution) { values += other.values }

    public var count: Int { values.count }
    /// nil where there are no values; so are the others.
    public var mean: Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }
    public var largest: Double? { values.max() }

    /// Of these values, not of a population they are drawn from.
    public var standardDeviation: Double? {
        guard let mean else { return nil }
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }

    /// The values below which each of these shares of all lie, linear between neighbours as NumPy's `quantile` is.
    public func quantiles(_ shares: [Double]) -> [Double?] {
        let sorted = values.sorted()
        return shares.map { share in
            guard let last = sorted.indices.last else { return nil }
            let position = Double(last) * min(max(share, 0), 1)
            let below = Int(position)
            let above = min(below + 1, last)
            return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
        }
    }

    public func quantile(_ share: Double) -> Double? { quantiles([share])[0] }
    public var median: Double? { quantile(0.5) }
    public var p95: Double? { quantile(0.95) }
}
