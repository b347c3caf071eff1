/// The lines of a text that are neither blank nor comments (`#`), with their numbers from 1.
package struct ContentLines: Sequence, IteratorProtocol {
    private var lines: IndexingIterator<[Substring]>
    private var number = 0
    private let hasComments: Bool

    /// - Parameter hasComments: false for a format without comments, in which `#` is a character like any other.
    package init(_ text: String, hasComments: Bool = true) {
        self.hasComments = hasComments
        // Characters: a carriage return and the line feed after it are one.
        lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.makeIterator()
    }

    package mutating func next() -> (number: Int, line: Substring)? {
        while let line = lines.next() {
            number += 1
            let start = line.first { $0 != " " && $0 != "\t" }
            if start != nil && (start != "#" || !hasComments) { return (number, line) }
        }
        return nil
    }
}
