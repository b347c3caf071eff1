import Logging
import Text

/// What makes two log entries the same: of warnings and errors with the same subject one a second is written.
struct LogSubject: Sendable, Hashable {
    var level: Logger.Level
    /// The part of the daemon that speaks, such as `capture`.
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

/// One entry of the log before it takes a form: a line, an object or the journal's fields.
struct LogEntry: Sendable {
    struct Detail: Sendable {
        var key: String
        var value: String
    }

    var subject: LogSubject
    /// What may differ between repetitions, in order of the keys.
    var details: [Detail] = []
    /// For an entry that stands for those held back: how many they were.
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

    /// In quotes where the value would run into the next one.
    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && !value.contains { $0.isWhitespace || $0 == "\"" || $0 == "=" }
        return isPlain ? value : "\"" + value.replacing("\"", with: "\\\"") + "\""
    }
}
