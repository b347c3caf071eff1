import Yams

/// Turns an error of Yams into a diagnostic.
enum YAMLSyntaxError {
    static func diagnostic(_ error: any Error, file: String) -> Diagnostic {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            Diagnostic(
                .position(file: file, line: mark.line, column: mark.column),
                "this is not YAML: " + description(problem, context),
                remedy: remedy(problem)
            )
        case .reader(let problem, let offset, _, let yaml):
            Diagnostic(
                offset.map { position(of: $0, in: yaml, file: file) } ?? .file(file),
                "this is not YAML: \(problem)",
                remedy: "remove the character or write it as an escape in double quotes"
            )
        default:
            Diagnostic(.file(file), "this cannot be read as YAML: \(error)", remedy: "check the file's syntax")
        }
    }

    private static func description(_ problem: String, _ context: YamlError.Context?) -> String {
        guard let context else { return problem }
        return "\(problem) \(context.text) (line \(context.mark.line))"
    }

    private static func remedy(_ problem: String) -> String {
        if problem.contains("tab") || problem.contains("cannot start any token") {
            return "indent with spaces and quote text that begins with a special character"
        }
        if problem.contains("mapping values are not allowed") {
            return "put text that has a colon and a space in it in quotes"
        }
        if problem.contains("another document") {
            return "keep everything in one document, without a second ---"
        }
        return "check the indentation, the colons and the quotes here and on the line before"
    }

    /// - Parameter offset: in characters, as Yams counts.
    private static func position(of offset: Int, in yaml: String, file: String) -> Place {
        let before = yaml.prefix(offset)
        let line = before.split(separator: "\n", omittingEmptySubsequences: false)
        return .position(file: file, line: line.count, column: (line.last?.unicodeScalars.count ?? 0) + 1)
    }
}
