import ConfigurationText
import Events
import Settings
import Text

/// What truly happened in recordings of a configured stream.
struct RecordedTruth {
    /// [recordings, labels]
    let events: [[[TruthEvent]]]
    /// What is wrong with the files, but leaves them of use.
    let warnings: [String]

    /// - Parameters:
    ///   - paths: a truth file for each recording. It names labels by their names or by any of their texts.
    ///   - stream: whose labels they are.
    /// - Throws: `OperationError` if a file cannot be read, or has none of the stream's labels.
    init(_ paths: [String], of stream: StreamConfiguration) throws(OperationError) {
        var (events, warnings): ([[[TruthEvent]]], [String]) = ([], [])
        for path in paths {
            let file: TruthFile
            do throws(ConfigurationError) { file = try TruthFile.load(path: path) } catch {
                throw OperationError(error.description)
            }
            let of = { (row: TruthFile.Row) in
                stream.allLabels.firstIndex { label in
                    label.name == row.label || label.texts.contains { $0.text == row.label }
                }
            }
            var mine = stream.allLabels.map { _ in [TruthEvent]() }
            var strangers: [String] = []
            for row in file.rows {
                if let label = of(row) {
                    mine[label].append(row.event)
                } else if !strangers.contains(row.label) {
                    strangers.append(row.label)
                }
            }
            let names = strangers.map { "\"\($0)\"" }.joined(separator: ", ")
            if !strangers.isEmpty, strangers.count == Set(file.rows.map(\.label)).count {
                throw OperationError(
                    "\(path) has none of the labels of the stream \(stream.name), only \(names); name them as the configuration does"
                )
            }
            if !strangers.isEmpty {
                warnings.append("\(path): the stream \(stream.name) has no label \(names): these events are left out")
            }
            events.append(mine)
        }
        (self.events, self.warnings) = (events, warnings)
    }
}
