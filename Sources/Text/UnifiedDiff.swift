/// The difference between two texts, in the form that `diff -u` writes and `patch` reads.
package enum UnifiedDiff {
    private static let context = 3

    private struct Line {
        /// " ", "-" or "+"
        var mark: Character
        var text: Substring
        /// Whether it is the last line of a text that does not end with a line feed.
        var isUnended = false
    }

    /// - Parameter name: the file's name, in both headers.
    /// - Returns: the difference; empty if the texts are equal.
    package static func text(from old: String, to new: String, name: String) -> String {
        let lines = merged(old, new)
        let changed = lines.indices.filter { lines[$0].mark != " " }
        guard let first = changed.first else { return "" }
        var output = "--- \(name)\n+++ \(name)\n"
        var hunk = first...first
        var hunks: [ClosedRange<Int>] = []
        for index in changed.dropFirst() {
            if index - hunk.upperBound > 2 * context {
                hunks.append(hunk)
                hunk = index...index
            } else {
                hunk = hunk.lowerBound...index
            }
        }
        for hunk in hunks + [hunk] {
            let range = max(0, hunk.lowerBound - context)...min(lines.count - 1, hunk.upperBound + context)
            output += header(lines, range)
            for line in lines[range] {
                output += "\(line.mark)\(line.text)\n" + (line.isUnended ? "\\ No newline at end of file\n" : "")
            }
        }
        return output
    }

    /// `@@ -first,count +first,count @@`. A side without lines has the number of the line before.
    private static func header(_ lines: [Line], _ range: ClosedRange<Int>) -> String {
        let span = { (absent: Character) in
            let before = lines[..<range.lowerBound].count { $0.mark != absent }
            let count = lines[range].count { $0.mark != absent }
            return "\(count == 0 ? before : before + 1),\(count)"
        }
        return "@@ -\(span("+")) +\(span("-")) @@\n"
    }

    /// The lines of both texts in order, removed lines before the lines that replace them.
    private static func merged(_ old: String, _ new: String) -> [Line] {
        let (before, after) = (split(old), split(new))
        let difference = after.difference(from: before) { $0.text == $1.text && $0.isUnended == $1.isUnended }
        var removed = Set<Int>()
        var inserted = Set<Int>()
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var (lines, next): ([Line], Int) = ([], 0)
        for (index, line) in before.enumerated() {
            if removed.contains(index) {
                lines.append(Line(mark: "-", text: line.text, isUnended: line.isUnended))
                continue
            }
            while inserted.contains(next) {
                lines.append(Line(mark: "+", text: after[next].text, isUnended: after[next].isUnended))
                next += 1
            }
            lines.append(line)
            next += 1
        }
        for line in after[next...] { lines.append(Line(mark: "+", text: line.text, isUnended: line.isUnended)) }
        return lines
    }

    /// Splits at line feeds only: a carriage return is part of its line.
    private static func split(_ text: String) -> [Line] {
        let scalars = text.unicodeScalars
        var lines = scalars.split(separator: "\n", omittingEmptySubsequences: false).map {
            Line(mark: " ", text: Substring($0))
        }
        if lines.last?.text.isEmpty == true {
            lines.removeLast()
        } else if let last = lines.indices.last {
            lines[last].isUnended = true
        }
        return lines
    }
}
