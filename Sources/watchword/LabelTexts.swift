import ArgumentParser
import ConfigurationText
import Settings
import Text

/// Refuses empty texts of `--label`.
func validateLabels(_ labels: [String]) throws {
    if labels.contains(where: { $0.allSatisfy(\.isWhitespace) }) {
        throw ValidationError("A --label must not be empty.")
    }
}

/// The texts of `--label`, then those of the file of `--labels`. Each may be given once.
func labelTexts(_ labels: [String], file: String?) throws -> [String] {
    let texts = try labels + labelsOfFile(file)
    var seen = Set<String>()
    if let twice = texts.first(where: { !seen.insert($0).inserted }) {
        throw ValidationError("The label \"\(twice)\" is given twice.")
    }
    return texts
}

/// Errors in the file are wrong input, not a wrong configuration: exit code 1.
private func labelsOfFile(_ file: String?) throws -> [String] {
    guard let file else { return [] }
    do { return try LabelFile.load(path: file) } catch { throw OperationError(error.description) }
}
