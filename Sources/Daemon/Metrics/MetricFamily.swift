import Recognition

/// The samples of one name, with their meaning: a family of the Prometheus text format 0.0.4.
struct MetricFamily: Sendable, Equatable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    struct Label: Sendable, Equatable, Hashable {
        var name: String
        var value: String
    }

    enum Value: Sendable, Equatable {
        case number(Double)
        /// `buckets`: the count of values up to each bound. `sum` and `count`: of all values.
        case histogram(buckets: [Bucket], sum: Double, count: UInt64)
    }

    struct Bucket: Sendable, Equatable {
        var upperBound: Double
        var count: UInt64
    }

    struct Sample: Sendable, Equatable {
        var labels: [Label]
        var value: Value
    }

    var name: String
    var help: String
    var kind: Kind
    var samples: [Sample] = []

    init(_ kind: Kind, _ name: String, _ help: String) {
        self.kind = kind
        self.name = name
        self.help = help
    }

    mutating func add(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
        samples.append(Sample(labels: labels.map { Label(name: $0.key, value: $0.value) }, value: .number(value)))
    }

    mutating func add(_ value: some BinaryInteger, _ labels: KeyValuePairs<String, String> = [:]) {
        add(Double(value), labels)
    }

    mutating func add(_ value: Bool, _ labels: KeyValuePairs<String, String> = [:]) {
        add(value ? 1.0 : 0.0, labels)
    }
}

extension MetricFamily.Value {
    /// The histogram with cumulative buckets, as the format requires.
    static func histogram(_ histogram: DurationHistogram) -> MetricFamily.Value {
        var sum: UInt64 = 0
        let buckets = DurationHistogram.bounds.enumerated().map { index, bound in
            sum += histogram.count(ofBucket: index)
            return MetricFamily.Bucket(upperBound: bound, count: sum)
        }
        return .histogram(buckets: buckets, sum: histogram.sum, count: histogram.count)
    }
}
