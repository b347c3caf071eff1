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

/// Reads a span of civil time: from and to, to the minute or finer, in UTC.
func utcSpan(_ text: String) throws -> Range<UTCTime> {
    let ends = text.split(separator: "/", omittingEmptySubsequences: false).map { utcTime(String($0)) }
    guard ends.count == 2, let from = ends[0], let to = ends[1], from < to else {
        throw ValidationError("'\(text)' is no span of time; write it like 2026-11-20T08:00Z/2026-11-20T09:30Z.")
    }
    return from..<to
}

/// Reads a moment of civil time in UTC.
func utcMoment(_ text: String) throws -> UTCTime {
    if let time = utcTime(text) { return time }
    throw ValidationError("'\(text)' is no time in UTC; write it like 2026-11-20T08:12:30Z.")
}

private func utcTime(_ text: String) -> UTCTime? {
    guard text.hasSuffix("Z") else { return nil }
    return ["Z", ":00Z", ":00.000Z", ".000Z"].lazy.compactMap { UTCTime(iso8601: text.dropLast() + $0) }.first
}
