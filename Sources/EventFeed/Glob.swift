/// A pattern of `*` (any run of characters, also none), `?` (any one Unicode scalar) and characters that stand for
/// themselves, capitals and small letters apart.
package struct Glob: Sendable, Equatable {
    /// Longer patterns are refused: the work of a match grows with them.
    package static let maxLength = 256

    private let pattern: [Unicode.Scalar]

    package init(_ pattern: String) {
        self.pattern = Array(pattern.unicodeScalars)
    }

    /// Whether the whole of `text` fits.
    package func matches(_ text: String) -> Bool {
        let text = text.unicodeScalars
        var position = text.startIndex
        var index = 0
        // Where to go on after the last star swallows one more scalar.
        var retry: (index: Int, position: String.UnicodeScalarView.Index)?
        while position < text.endIndex {
            if index < pattern.count, pattern[index] == "*" {
                index += 1
                retry = (index, position)
            } else if index < pattern.count, pattern[index] == "?" || pattern[index] == text[position] {
                index += 1
                position = text.index(after: position)
            } else if let last = retry {
                position = text.index(after: last.position)
                index = last.index
                retry = (index, position)
            } else {
                return false
            }
        }
        return pattern[index...].allSatisfy { $0 == "*" }
    }
}
