import Foundation
package import Logging
package import Settings
import Synchronization
import Text

/// Every log entry passes here on its way to the system journal or to standard error: it is redacted and escaped, and
/// repeated warnings are held back.
package final class LogSink: Sendable {
    /// The system journal splits longer lines.
    static let lineLimit = 16_384

    private struct State {
        var redaction = Redaction()
        var repeated = RepeatedMessages<LogSubject>()
        var format = LogSettings.Format.text
    }

    private let fileDescriptor: Int32
    private let style: LogStyle
    private let journal: (@Sendable ([String]) -> Bool)?
    private let uptime: @Sendable () -> Duration
    private let state = Mutex(State())
    private let lowestLevel: Mutex<Logger.Level>

    /// - Parameter fileDescriptor: stays open as long as the sink lives; standard error except in tests.
    package convenience init(
        level: Logger.Level = .info,
        fileDescriptor: Int32 = STDERR_FILENO,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        let style = LogStyle.detect(fileDescriptor: fileDescriptor, environment: environment)
        let start = ContinuousClock.now
        let journal = style == .journal ? JournalSocket.send : nil
        self.init(level: level, fileDescriptor: fileDescriptor, style: style, journal: journal) {
            ContinuousClock.now - start
        }
    }

    /// - Parameters:
    ///   - journal: sends an entry's fields, `NAME=value` each, to the system journal. If it returns false the entry goes to
    ///     `fileDescriptor`.
    ///   - uptime: a clock that never goes back, for the repeated warnings.
    init(
        level: Logger.Level,
        fileDescriptor: Int32,
        style: LogStyle,
        journal: (@Sendable ([String]) -> Bool)? = nil,
        uptime: @escaping @Sendable () -> Duration
    ) {
        self.journal = journal
        lowestLevel = Mutex(level)
        self.fileDescriptor = fileDescriptor
        self.style = style
        self.uptime = uptime
    }

    /// The lowest level that is written, for all loggers without a level of their own. May change at any time.
    package var level: Logger.Level {
        get { lowestLevel.withLock(\.self) }
        set { lowestLevel.withLock { $0 = newValue } }
    }

    /// JSON goes to standard error even if that leads to the system journal, since JSON lines were configured.
    package var format: LogSettings.Format {
        get { state.withLock(\.format) }
        set { state.withLock { $0.format = newValue } }
    }

    /// Removes these secrets from every line from now on. To be called before anything that may hold one is logged.
    package func register(_ secrets: [String]) {
        state.withLock { $0.redaction.add(secrets) }
    }

    /// The text without credentials, for output that does not pass through the log, such as the status.
    package func redact(_ text: String) -> String {
        state.withLock(\.redaction).redact(text)
    }

    /// Writes one entry. A warning or error with the same subject is written at most once a second.
    func write(_ entry: LogEntry) {
        let now = uptime()
        let (entries, state) = state.withLock { state in
            var entries = state.repeated.takeSuppressed(at: now).map(Self.repetition)
            if entry.subject.level < .warning || state.repeated.admit(entry.subject, at: now) {
                entries.append(entry)
            }
            return (entries, state)
        }
        emit(entries, state)
    }

    /// Writes the counts of the messages held back. To be called before the program ends.
    package func flush() {
        let (entries, state) = state.withLock { state in
            (state.repeated.takeSuppressed().map(Self.repetition), state)
        }
        emit(entries, state)
    }

    private static func repetition(_ repeated: (message: LogSubject, count: Int)) -> LogEntry {
        LogEntry(subject: repeated.message, repeated: repeated.count)
    }

    private func emit(_ entries: [LogEntry], _ state: State) {
        for entry in entries {
            let entry = entry.cleaned(limit: Self.lineLimit, state.redaction.redact)
            // The whole line once more: a secret may only be recognisable in its context.
            let text = state.redaction.redact(entry.text)
            let message = text.count > Self.lineLimit ? text.prefix(Self.lineLimit) + "…" : text
            let isText = state.format == .text
            if isText, let journal, journal(entry.journalFields(message: message)) { continue }
            let time = WallClock.now
            let prefix = style.prefix(entry.subject.level, format: state.format, time: time)
            put(Array("\(prefix)\(isText ? message : entry.json(time: time))\n".utf8))
        }
    }

    /// One `write` for each line, so that lines of several threads do not mix. A line that cannot be written is lost: no
    /// place is left to report it.
    private func put(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(fileDescriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                return
            }
        }
    }
}
