import System

/// Durations as people write them: `500ms`, `1.5s`, `1m`, `2h`, `30d`.
package enum DurationText {
    package enum Failure: Error, Equatable {
        /// A number without a unit.
        case noUnit
        case malformed
        /// Longer than the representable range.
        case tooLong
    }

    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000),
    ]

    package static func parse(_ text: String) throws(Failure) -> Duration {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unitName = text[number.endIndex...]
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty, parts.count <= 2, parts.last?.isEmpty == false else {
            throw .malformed
        }
        guard !unitName.isEmpty else { throw .noUnit }
        guard let unit = units.first(where: { $0.name == unitName }) else { throw .malformed }
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard fraction.count <= 9, let fractionDigits = Int64(fraction) else { throw .malformed }
        guard let whole = Int64(first) else { throw .tooLong }
        let (nanoseconds, overflow) = whole.multipliedReportingOverflow(by: unit.nanoseconds)
        guard !overflow else { throw .tooLong }
        let scale = (0..<fraction.count).reduce(Int64(1)) { scale, _ in scale * 10 }
        let part = Double(fractionDigits) / Double(scale) * Double(unit.nanoseconds)
        return .nanoseconds(nanoseconds) + .nanoseconds(Int64(part.rounded()))
    }

    /// The shortest exact text, which `parse` reads back.
    package static func format(_ duration: Duration) -> String {
        let nanoseconds = duration / .nanoseconds(1)
        guard nanoseconds != 0 else { return "0s" }
        for unit in units where nanoseconds.truncatingRemainder(dividingBy: Double(unit.nanoseconds)) == 0 {
            return "\(Int64(nanoseconds) / unit.nanoseconds)\(unit.name)"
        }
        return NumberText.format(nanoseconds / 1e6) + "ms"
    }
}
