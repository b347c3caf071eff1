import Foundation
package import Logging
package import Settings
import Synchronization
import Text

/// Where every log entry passes on its way to the journal or to standard error: redacted, escaped, repeated warnings held
/// back.
package final class LogSink: Sendable {
    /// Journald splits longer lines.
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

    /// - Parameter fileDescriptor: open for as long as the sink lives; standard error unless a test says otherwise.
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
    ///   - journal: takes an entry's fields, `NAME=value` each; what it does not take goes to `fileDescriptor`.
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

    /// The lowest level written, for all loggers that set none themselves. May change at any time.
    package var level: Logger.Level {
        get { lowestLevel.withLock(\.self) }
        set { lowestLevel.withLock { $0 = newValue } }
    }

    /// JSON is written to standard error even where that is the journal's: who asks for it wants the lines themselves.
    package var format: LogSettings.Format {
        get { state.withLock(\.format) }
        set { state.withLock { $0.format = newValue } }
    }

    /// Keeps these out of every line from now on. To be called before anything that may hold one is logged.
    package func register(_ secrets: [String]) {
        state.withLock { $0.redaction.add(secrets) }
    }

    /// The text without credentials: for whatever leaves the daemon by another door, such as its status.
    package func redact(_ text: String) -> String {
        state.withLock(\.redaction).redact(text)
    }

    /// Writes one entry. Of warnings and errors the same subject is written at most once a second.
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

    /// Writes how often the messages held back came: before the program ends.
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
            // The whole line once more: a secret may show itself only beside its neighbours.
            let text = state.redaction.redact(entry.text)
            let message = text.count > Self.lineLimit ? text.prefix(Self.lineLimit) + "…" : text
            let isText = state.format == .text
            if isText, let journal, journal(entry.journalFields(message: message)) { continue }
            let time = Date()
            let prefix = style.prefix(entry.subject.level, format: state.format, time: time)
            put(Array("\(prefix)\(isText ? message : entry.json(time: time))\n".utf8))
        }
    }

    /// One `write` a line, so that lines of several threads do not mix. What cannot be written is lost: there is
    /// nowhere to say so.
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
