import Text

extension TextFile.Failure {
    /// The failure as a diagnostic of the file at `path`.
    package func diagnostic(_ path: String) -> Diagnostic {
        guard let line, let column else { return Diagnostic(.file(path), "the file \(message)", remedy: remedy) }
        return Diagnostic(.position(file: path, line: line, column: column), "the file \(message) here", remedy: remedy)
    }
}
