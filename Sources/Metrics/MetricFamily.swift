/// The samples of one name, with their meaning: a family of the Prometheus text format 0.0.4.
package struct MetricFamily: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    package struct Label: Sendable, Equatable, Hashable {
        package var name: String
        package var value: String

        package init(name: String, value: String) { (self.name, self.value) = (name, value) }
    }

    package enum Value: Sendable, Equatable {
        case number(Double)
        /// `buckets`: the count of values up to each bound. `sum` and `count`: of all values.
        case histogram(buckets: [Bucket], sum: Double, count: UInt64)
    }

    package struct Bucket: Sendable, Equatable {
        package var upperBound: Double
        package var count: UInt64

        package init(upperBound: Double, count: UInt64) { (self.upperBound, self.count) = (upperBound, count) }
    }

    package struct Sample: Sendable, Equatable {
        package var labels: [Label]
        package var value: Value

        package init(labels: [Label], value: Value) { (self.labels, self.value) = (labels, value) }
    }

    package var name: String
    package var help: String
    package var kind: Kind
    package var samples: [Sample] = []

    package init(_ kind: Kind, _ name: String, _ help: String) {
        self.kind = kind
        self.name = name
        self.help = help
    }

    package mutating func add(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
        samples.append(Sample(labels: labels.map { Label(name: $0.key, value: $0.value) }, value: .number(value)))
    }

    package mutating func add(_ value: some BinaryInteger, _ labels: KeyValuePairs<String, String> = [:]) {
        add(Double(value), labels)
    }

    package mutating func add(_ value: Bool, _ labels: KeyValuePairs<String, String> = [:]) {
        add(value ? 1.0 : 0.0, labels)
    }
}
