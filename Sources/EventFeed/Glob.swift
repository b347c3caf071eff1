/// A pattern: `*` matches any run of characters, also an empty one, `?` matches any one Unicode scalar, and all other
/// characters match themselves. Case matters.
package struct Glob: Sendable, Equatable {
    /// The most Unicode scalars in a pattern that a client may send: the work of a match grows with them.
    package static let maxLength = 256

    private let pattern: [Unicode.Scalar]

    package init(_ pattern: String) {
        self.pattern = Array(pattern.unicodeScalars)
    }

    /// The pattern as it was written.
    package var text: String {
        var text = ""
        text.unicodeScalars.append(contentsOf: pattern)
        return text
    }

    /// Whether the pattern matches the whole of `text`.
    package func matches(_ text: String) -> Bool {
        let text = text.unicodeScalars
        var position = text.startIndex
        var index = 0
        // Where matching resumes once the last star has taken one more scalar.
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
