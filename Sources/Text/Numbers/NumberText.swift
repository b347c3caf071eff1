/// Numbers as people write them: decimal, finite.
package enum NumberText {
    /// Parses a decimal number; nil for words, hexadecimal digits, infinity and numbers that overflow to it.
    package static func parse(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let number = Double(text),
            number.isFinite
        else { return nil }
        return number
    }

    /// Formats a number, without a fraction if it is whole: 5, 0.25.
    package static func format(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }
}
