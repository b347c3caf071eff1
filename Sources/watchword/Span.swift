import ArgumentParser
import Text

/// Reads a duration above zero on the command line, as the configuration writes it: 5s, 500ms, 1.5m.
func span(_ text: String) throws -> Duration {
    guard let duration = Duration(configured: text), duration > .zero else {
        throw ValidationError("'\(text)' is not a duration above zero; write it like 5s, 500ms or 1.5m.")
    }
    return duration
}

/// Reads a duration that may be zero.
func spanOrZero(_ text: String) throws -> Duration {
    guard let duration = Duration(configured: text) else {
        throw ValidationError("'\(text)' is not a duration; write it like 5s, 500ms or 0s.")
    }
    return duration
}
