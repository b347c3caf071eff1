package import Text

extension TextFile.Failure {
    /// The failure as a diagnostic of the file at `path`.
    package func diagnostic(_ path: String) -> Diagnostic {
        guard let line, let column else { return Diagnostic(.file(path), "the file \(message)", remedy: remedy) }
        return Diagnostic(.position(file: path, line: line, column: column), "the file \(message) here", remedy: remedy)
    }
}

extension TextFile {
    /// The text of the file at `path`.
    ///
    /// - Parameter limit: bytes; a larger file is refused.
    /// - Throws: `ConfigurationError` that names the file.
    package static func load(_ path: String, limit: Int) throws(ConfigurationError) -> String {
        do throws(Failure) {
            return try read(path, limit: limit)
        } catch {
            throw ConfigurationError([error.diagnostic(path)])
        }
    }
}

extension Diagnostic {
    /// A fault of a line of CSV.
    package init(_ fault: CSV.Fault, file: String, line: Int) {
        self.init(.position(file: file, line: line, column: fault.column), fault.message, remedy: fault.remedy)
    }
}
