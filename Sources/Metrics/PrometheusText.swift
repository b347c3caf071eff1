/// Writes families in the Prometheus text format 0.0.4. Families without samples are left out.
package enum PrometheusText {
    package static func write(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families where !family.samples.isEmpty {
            text += "# HELP \(family.name) \(escape(family.help, quotes: false))\n"
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples { write(sample, of: family.name, into: &text) }
        }
        return text
    }

    private static func write(_ sample: MetricFamily.Sample, of name: String, into text: inout String) {
        switch sample.value {
        case .number(let value):
            text += "\(name)\(set(sample.labels)) \(number(value))\n"
        case .histogram(let buckets, let sum, let count):
            let everything = MetricFamily.Bucket(upperBound: .infinity, count: count)
            for bucket in buckets + [everything] {
                let bound = MetricFamily.Label(name: "le", value: number(bucket.upperBound))
                text += "\(name)_bucket\(set(sample.labels + [bound])) \(bucket.count)\n"
            }
            text += "\(name)_sum\(set(sample.labels)) \(number(sum))\n"
            text += "\(name)_count\(set(sample.labels)) \(count)\n"
        }
    }

    private static func set(_ labels: [MetricFamily.Label]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escape($0.value, quotes: true))\"" }.joined(separator: ",") + "}"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? value.description
    }

    private static func escape(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
