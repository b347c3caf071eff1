import ArgumentParser
import Text

/// A duration on the command line, as the configuration writes it: 5s, 500ms, 1.5m.
func span(_ text: String) throws -> Duration {
    guard let duration = Duration(configured: text), duration > .zero else {
        throw ValidationError("'\(text)' is no duration above zero; write it like 5s, 500ms or 1.5m.")
    }
    return duration
}

/// The same, or none: 0s.
func spanOrZero(_ text: String) throws -> Duration {
    guard let duration = Duration(configured: text) else {
        throw ValidationError("'\(text)' is no duration; write it like 5s, 500ms or 0s.")
    }
    return duration
}

/// Durations with commas between them: 3s,5s,8s.
func spans(_ text: String) throws -> [Duration] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { try span(String($0)) }
}
