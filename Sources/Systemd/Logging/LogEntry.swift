import Logging
import Text

/// Identifies repeated log entries: of warnings and errors with the same subject, one a second is written.
struct LogSubject: Sendable, Hashable {
    var level: Logger.Level
    /// The part of the daemon that logs, such as `capture`.
    var subsystem: String
    /// The name of the stream it is about.
    var stream: String?
    var message: String

    /// `level subsystem [stream] message`.
    var text: String {
        let stream = stream.map { "[\($0)] " } ?? ""
        return "\(level) \(subsystem) \(stream)\(message)"
    }
}

extension LogSubject: Comparable {
    static func < (one: LogSubject, other: LogSubject) -> Bool { one.text < other.text }
}

/// One entry of the log, before it becomes a line, a JSON object or fields of the system journal.
struct LogEntry: Sendable {
    struct Detail: Sendable {
        var key: String
        var value: String
    }

    var subject: LogSubject
    /// The parts that may differ between repetitions, sorted by key.
    var details: [Detail] = []
    /// If the entry stands for others that were held back: how many.
    var repeated: Int?

    /// Every text in it passes through `redact`, and none holds a control character or more than `limit` characters
    /// afterwards.
    func cleaned(limit: Int, _ redact: (String) -> String) -> LogEntry {
        func clean(_ text: String) -> String {
            let text = redact(text).escapingControlCharacters()
            return text.count > limit ? text.prefix(limit) + "…" : text
        }
        var entry = self
        entry.subject.message = clean(subject.message)
        entry.subject.stream = subject.stream.map(clean)
        entry.details = details.map { Detail(key: $0.key, value: clean($0.value)) }
        return entry
    }

    /// For people: the subject, then `key=value` each.
    var text: String {
        let details = details.map { " \($0.key)=\(Self.quoted($0.value))" }.joined()
        return subject.text + details + (repeated.map { " (\($0) more)" } ?? "")
    }

    /// In quotes if the value would otherwise run into the next one.
    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && !value.contains { $0.isWhitespace || $0 == "\"" || $0 == "=" }
        return isPlain ? value : "\"" + value.replacing("\"", with: "\\\"") + "\""
    }
}
