/// Numbers as people write them: decimal, finite.
package enum NumberText {
    /// Nil for what is no decimal number: words, hexadecimal, infinity and what overflows to it.
    package static func parse(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let number = Double(text),
            number.isFinite
        else { return nil }
        return number
    }

    /// Whole numbers without a fraction: 5, 0.25.
    package static func format(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }
}
