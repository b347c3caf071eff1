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
        let text: String
        do throws(TextFile.Failure) {
            text = try TextFile.read(path, limit: fileLimit)
        } catch {
            throw ConfigurationError([error.diagnostic(path)])
        }
        return try parse(text, file: path)
    }

    static func parse(_ text: String, file: String) throws(ConfigurationError) -> TruthFile {
        var rows: [Row] = []
        var diagnostics: [Diagnostic] = []
        var hasHeader = false
        // Characters: a carriage return and the line feed after it are one.
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            let start = line.first { $0 != " " && $0 != "\t" }
            if start == nil || start == "#" { continue }
            do throws(CSVFields.Fault) {
                let fields = try CSVFields.parse(line)
                if hasHeader {
                    rows.append(try row(fields, line: index + 1))
                } else if fields.map(\.text) == header {
                    hasHeader = true
                } else {
                    throw CSVFields.Fault(1, "the header is not label,start,end", "make that the first line")
                }
            } catch {
                let place = Place.position(file: file, line: index + 1, column: error.column)
                diagnostics.append(Diagnostic(place, error.message, remedy: error.remedy))
                // Without its header nothing in the file says what it is.
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

    private static func row(_ fields: [CSVFields.Field], line: Int) throws(CSVFields.Fault) -> Row {
        guard fields.count == header.count else {
            let message = "this line has \(fields.count) field\(fields.count == 1 ? "" : "s"), not 3"
            throw CSVFields.Fault(1, message, "write label,start,end; quote a label with a comma in it")
        }
        if let fault = TextRules.label(fields[0].text) {
            throw CSVFields.Fault(fields[0].column, "this label \(fault.message)", fault.remedy)
        }
        let (start, end) = (try seconds(fields[1], "start"), try seconds(fields[2], "end"))
        guard start <= end else {
            throw CSVFields.Fault(fields[2].column, "the end lies before the start", "exchange the two")
        }
        return Row(label: fields[0].text, event: TruthEvent(start: start, end: end), line: line)
    }

    private static func seconds(_ field: CSVFields.Field, _ name: String) throws(CSVFields.Fault) -> Double {
        guard let seconds = NumberText.parse(field.text), seconds >= 0 else {
            let remedy = "write seconds since the stream's first picture, as 12.5"
            throw CSVFields.Fault(field.column, "the \(name) is no number of seconds", remedy)
        }
        return seconds
    }
}
