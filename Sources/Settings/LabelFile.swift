package import ConfigurationText
import Text

/// A file of labels for `--labels`: one text per line. Blank lines and lines that begin with `#` are skipped.
package enum LabelFile {
    static let fileLimit = 1 << 20

    /// - Returns: the texts in file order.
    /// - Throws: every error in the file, in file order.
    package static func load(path: String) throws(ConfigurationError) -> [String] {
        try parse(TextFile.load(path, limit: fileLimit), file: path)
    }

    static func parse(_ text: String, file: String) throws(ConfigurationError) -> [String] {
        var labels: [String] = []
        var lineOfLabel: [String: Int] = [:]
        var diagnostics: [Diagnostic] = []
        for (number, line) in ContentLines(text) {
            let indent = line.prefix { $0 == " " || $0 == "\t" }
            let label = String(line[indent.endIndex...].trimmingSuffix { $0 == " " || $0 == "\t" })
            let place = Place.position(file: file, line: number, column: indent.unicodeScalars.count + 1)
            if let fault = TextRules.label(label) {
                diagnostics.append(Diagnostic(place, "this label \(fault.message)", remedy: fault.remedy))
            } else if let first = lineOfLabel[label] {
                let message = "this label is already on line \(first)"
                diagnostics.append(Diagnostic(place, message, remedy: "remove one of the two"))
            } else {
                lineOfLabel[label] = number
                labels.append(label)
            }
        }
        if labels.isEmpty, diagnostics.isEmpty {
            let remedy = "write what to look for, one text a line"
            diagnostics.append(Diagnostic(.file(file), "there are no labels in the file", remedy: remedy))
        }
        guard diagnostics.isEmpty else { throw ConfigurationError(diagnostics) }
        return labels
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> Substring {
        var end = endIndex
        while end > startIndex, isTrimmed(self[index(before: end)]) {
            end = index(before: end)
        }
        return self[..<end]
    }
}
