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

    /// - Parameters:
    ///   - name: the file's name, in both headers.
    ///   - hides: whether a line that does not change is left out.
    /// - Returns: the difference; empty if the texts are equal.
    package static func text(
        from old: String,
        to new: String,
        name: String,
        hides: (Substring) -> Bool = { _ in false }
    ) -> String {
        let lines = merged(old, new)
        var hunks: [ClosedRange<Int>] = []
        for index in lines.indices where lines[index].mark != " " {
            if let last = hunks.last, index - last.upperBound <= 2 * context,
                !lines[last.upperBound..<index].dropFirst().contains(where: { hides($0.text) })
            {
                hunks[hunks.count - 1] = last.lowerBound...index
            } else {
                hunks.append(index...index)
            }
        }
        guard !hunks.isEmpty else { return "" }
        var output = "--- \(name)\n+++ \(name)\n"
        for hunk in hunks {
            let count = contextCount(of: hunk, in: lines, hides)
            var range = max(0, hunk.lowerBound - count)...min(lines.count - 1, hunk.upperBound + count)
            var shown = lines[range]
            // Lines that are only inserted, without context, fit in anywhere: the line before them is replaced by itself.
            if count == 0, shown.allSatisfy({ $0.mark == "+" }), let before = lines[..<hunk.lowerBound].last,
                !hides(before.text)
            {
                range = hunk.lowerBound - 1...hunk.upperBound
                shown = [Line(mark: "-", text: before.text), Line(mark: "+", text: before.text)] + shown
            }
            output += header(lines, range)
            for line in shown {
                output += "\(line.mark)\(line.text)\n" + (line.isUnended ? "\\ No newline at end of file\n" : "")
            }
        }
        return output
    }

    /// The lines that change, of both texts.
    package static func changedLines(from old: String, to new: String) -> [Substring] {
        merged(old, new).filter { $0.mark != " " }.map(\.text)
    }

    /// How many lines are shown on each side of a hunk, as far as there are. Both sides have the same: `patch` applies a hunk
    /// with less on one side only at that end of the file.
    private static func contextCount(of hunk: ClosedRange<Int>, in lines: [Line], _ hides: (Substring) -> Bool) -> Int {
        let hidden = (1...context).first { distance in
            [hunk.lowerBound - distance, hunk.upperBound + distance].contains { index in
                lines.indices.contains(index) && hides(lines[index].text)
            }
        }
        return hidden.map { $0 - 1 } ?? context
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
