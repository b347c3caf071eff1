import ConfigurationText
import Events
import Settings
import Text

/// What truly happened on a stream, as `eval --truth` reads it: CSV with the header `label,start,end`, a line for each
/// event, times in seconds of presentation time since the stream's first picture. Blank lines and lines that begin with
/// `#` are skipped; a label may be quoted as RFC 4180 says.
struct TruthFile {
    struct Row: Equatable {
        var label: String
        var event: TruthEvent
        /// Counted from 1.
        var line: Int
    }

    static let fileLimit = 16 << 20
    private static let header = ["label", "start", "end"]

    let path: String
    let rows: [Row]

    /// Throws all that is wrong, in file order.
    static func load(path: String) throws(ConfigurationError) -> TruthFile {
        try parse(TextFile.load(path, limit: fileLimit), file: path)
    }

    static func parse(_ text: String, file: String) throws(ConfigurationError) -> TruthFile {
        var rows: [Row] = []
        var diagnostics: [Diagnostic] = []
        var hasHeader = false
        for (number, line) in ContentLines(text) {
            do throws(CSV.Fault) {
                let fields = try CSV.fields(of: line)
                if hasHeader {
                    rows.append(try row(fields, line: number))
                } else if fields.map(\.text) == header {
                    hasHeader = true
                } else {
                    throw CSV.Fault(1, "the header is not label,start,end", "make that the first line")
                }
            } catch {
                diagnostics.append(Diagnostic(error, file: file, line: number))
                // Without its header nothing in the file can be understood.
                if !hasHeader { break }
            }
        }
        if !hasHeader, diagnostics.isEmpty {
            let remedy = "begin it with the line label,start,end"
            diagnostics.append(Diagnostic(.file(file), "there is no header in the file", remedy: remedy))
        }
        guard diagnostics.isEmpty else { throw ConfigurationError(diagnostics) }
        return TruthFile(path: file, rows: rows)
    }

    private static func row(_ fields: [CSV.Field], line: Int) throws(CSV.Fault) -> Row {
        guard fields.count == header.count else {
            let message = "this line has \(fields.count) field\(fields.count == 1 ? "" : "s"), not 3"
            throw CSV.Fault(1, message, "write label,start,end; quote a label with a comma in it")
        }
        if let fault = TextRules.label(fields[0].text) {
            throw CSV.Fault(fields[0].column, "this label \(fault.message)", fault.remedy)
        }
        let (start, end) = (try seconds(fields[1], "start"), try seconds(fields[2], "end"))
        guard start <= end else {
            throw CSV.Fault(fields[2].column, "the end lies before the start", "exchange the two")
        }
        return Row(label: fields[0].text, event: TruthEvent(start: start, end: end), line: line)
    }

    private static func seconds(_ field: CSV.Field, _ name: String) throws(CSV.Fault) -> Double {
        guard let seconds = NumberText.parse(field.text), seconds >= 0 else {
            let remedy = "write seconds since the stream's first picture, as 12.5"
            throw CSV.Fault(field.column, "the \(name) is no number of seconds", remedy)
        }
        return seconds
    }
}
