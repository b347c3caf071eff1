/// A file's text by line and column, for edits that leave the rest unchanged.
package struct SourceText {
    private var lines: [[Unicode.Scalar]]

    package init(_ text: String) {
        lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
    }

    package var text: String {
        var scalars = String.UnicodeScalarView()
        for (index, line) in lines.enumerated() {
            if index > 0 { scalars.append("\n") }
            scalars.append(contentsOf: line)
        }
        return String(scalars)
    }

    /// A position in the text. Line and column start at 0.
    package struct Position: Equatable {
        package var line: Int
        package var column: Int

        package init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    /// The position of a place; nil if the text does not have it.
    package func position(_ place: Place) -> Position? {
        guard case .position(_, let line, let column) = place, lines.indices.contains(line - 1),
            (0...lines[line - 1].count).contains(column - 1)
        else { return nil }
        return Position(line: line - 1, column: column - 1)
    }

    package func character(at position: Position) -> Unicode.Scalar? {
        let line = lines[position.line]
        return line.indices.contains(position.column) ? line[position.column] : nil
    }

    package mutating func insert(_ text: String, at position: Position) {
        lines[position.line].insert(contentsOf: text.unicodeScalars, at: position.column)
    }

    /// Adds a line after another, with the same line ending.
    package mutating func insertLine(_ text: String, indent: Int, after line: Int) {
        let end: [Unicode.Scalar] = lines[line].last == "\r" ? ["\r"] : []
        let indent = [Unicode.Scalar](repeating: " ", count: indent)
        lines.insert(indent + Array(text.unicodeScalars) + end, at: line + 1)
    }

    package mutating func replace(from start: Position, toColumn end: Int, with text: String) {
        lines[start.line].replaceSubrange(start.column..<end, with: text.unicodeScalars)
    }

    /// The column after a single value that begins at `start` and ends on the same line: after the closing quote, or after
    /// the last word of a plain value. Nil if a quote is not closed.
    package func endOfScalar(at start: Position, inFlow: Bool) -> Int? {
        let line = lines[start.line]
        guard line.indices.contains(start.column) else { return nil }
        if line[start.column] == "\"" || line[start.column] == "'" { return endOfQuote(at: start) }
        var end = start.column
        for index in start.column..<line.count {
            let scalar = line[index]
            if inFlow, [",", "}", "]"].contains(scalar) { break }
            if scalar == "#", index > start.column, Self.isBlank(line[index - 1]) { break }
            if !Self.isBlank(scalar) { end = index + 1 }
        }
        return end
    }

    /// The position of the bracket that closes the one at `start`; nil if it is not closed.
    package func closingBracket(at start: Position) -> Position? {
        var (depth, position) = (0, start)
        var startsToken = true
        while lines.indices.contains(position.line) {
            let line = lines[position.line]
            guard line.indices.contains(position.column) else {
                position = Position(line: position.line + 1, column: 0)
                continue
            }
            let scalar = line[position.column]
            if startsToken, scalar == "\"" || scalar == "'" {
                guard let end = endOfQuote(at: position) else { return nil }
                (position.column, startsToken) = (end, false)
                continue
            }
            if scalar == "#", position.column == 0 || Self.isBlank(line[position.column - 1]) {
                position = Position(line: position.line + 1, column: 0)
                continue
            }
            if scalar == "{" || scalar == "[" { depth += 1 }
            if scalar == "}" || scalar == "]" { depth -= 1 }
            if depth == 0 { return position }
            if !Self.isBlank(scalar) { startsToken = ["{", "[", ",", ":"].contains(scalar) }
            position.column += 1
        }
        return nil
    }

    /// The position after the last word before a position, on the same line.
    package func endOfWord(before position: Position) -> Position {
        var column = position.column
        while column > 0, Self.isBlank(lines[position.line][column - 1]) { column -= 1 }
        return Position(line: position.line, column: column)
    }

    private func endOfQuote(at start: Position) -> Int? {
        let line = lines[start.line]
        let quote = line[start.column]
        var index = start.column + 1
        while index < line.count {
            if quote == "\"", line[index] == "\\" {
                index += 2
            } else if line[index] != quote {
                index += 1
            } else if quote == "'", index + 1 < line.count, line[index + 1] == "'" {
                index += 2
            } else {
                return index + 1
            }
        }
        return nil
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" || scalar == "\r" }
}
