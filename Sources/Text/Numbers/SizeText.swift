/// Sizes as people write them: `500MB`, `1.5GB`, `2GiB`.
package enum SizeText {
    private static let units: [(name: String, bytes: Int64)] = [
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000),
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]

    /// Parses a size in bytes; nil for a text that is not a size or not a whole number of bytes.
    package static func parse(_ text: String) -> Int64? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unitName = text[number.endIndex...]
        guard let unit = units.first(where: { $0.name == unitName }), number.first?.isNumber == true,
            number.last?.isNumber == true, let value = Double(number)
        else { return nil }
        return Int64(exactly: (value * Double(unit.bytes)).rounded())
    }

    /// The shortest exact text, which `parse` reads back.
    package static func format(_ bytes: Int64) -> String {
        guard bytes != 0, let unit = units.first(where: { bytes % $0.bytes == 0 }) else { return "0B" }
        return "\(bytes / unit.bytes)\(unit.name)"
    }
}
