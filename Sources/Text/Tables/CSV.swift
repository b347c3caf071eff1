/// Comma-separated values by RFC 4180, a line at a time.
package enum CSV {
    package struct Field: Equatable {
        package var text: String
        /// The place of its first character in the line: Unicode scalars, from 1.
        package var column: Int
    }

    /// What is wrong with a line.
    package struct Fault: Error {
        package var column: Int
        package var message: String
        package var remedy: String

        package init(_ column: Int, _ message: String, _ remedy: String) {
            self.column = column
            self.message = message
            self.remedy = remedy
        }
    }

    /// The fields of a line. Blanks around a field do not belong to it unless they are quoted.
    package static func fields(of line: Substring) throws(Fault) -> [Field] {
        let scalars = Array(line.unicodeScalars)
        var fields: [Field] = []
        var next = 0
        while true {
            while next < scalars.count, isBlank(scalars[next]) { next += 1 }
            let column = next + 1
            if next < scalars.count, scalars[next] == "\"" {
                fields.append(Field(text: try quoted(scalars, &next), column: column))
            } else {
                fields.append(Field(text: try bare(scalars, &next), column: column))
            }
            if next == scalars.count { return fields }
            next += 1
        }
    }

    /// A field without quotes; `next` ends on the comma or at the end.
    private static func bare(_ scalars: [Unicode.Scalar], _ next: inout Int) throws(Fault) -> String {
        var text = String.UnicodeScalarView()
        while next < scalars.count, scalars[next] != "," {
            if scalars[next] == "\"" {
                throw Fault(next + 1, "a field without quotes holds a quote", "quote the field and double its quotes")
            }
            text.append(scalars[next])
            next += 1
        }
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }

    /// A field in quotes, from its first; `next` ends on the comma or at the end.
    private static func quoted(_ scalars: [Unicode.Scalar], _ next: inout Int) throws(Fault) -> String {
        let opening = next
        var text = String.UnicodeScalarView()
        next += 1
        while next < scalars.count {
            if scalars[next] == "\"" {
                let isDoubled = next + 1 < scalars.count && scalars[next + 1] == "\""
                if !isDoubled { break }
                next += 1
            }
            text.append(scalars[next])
            next += 1
        }
        guard next < scalars.count else {
            throw Fault(opening + 1, "this quote is not closed on its line", "close it; double quotes inside")
        }
        next += 1
        while next < scalars.count, isBlank(scalars[next]) { next += 1 }
        guard next == scalars.count || scalars[next] == "," else {
            throw Fault(next + 1, "there is text after a quoted field", "put a comma, or double the quotes inside it")
        }
        return String(text)
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
}
