public import Foundation
public import Logging
import Synchronization

/// Where every log line passes on its way to standard error: redacted, escaped, repeated warnings held back.
public final class LogSink: Sendable {
    /// Journald splits longer lines.
    static let lineLimit = 16_384

    private struct State {
        var redaction = Redaction()
        var repeated = RepeatedMessages()
    }

    private let fileDescriptor: Int32
    private let style: LogStyle
    private let uptime: @Sendable () -> Duration
    private let state = Mutex(State())
    private let lowestLevel: Mutex<Logger.Level>

    /// - Parameter fileDescriptor: open for as long as the sink lives; standard error unless a test says otherwise.
    public convenience init(
        level: Logger.Level = .info,
        fileDescriptor: Int32 = STDERR_FILENO,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        let style = LogStyle.detect(fileDescriptor: fileDescriptor, environment: environment)
        let start = ContinuousClock.now
        self.init(level: level, fileDescriptor: fileDescriptor, style: style) { ContinuousClock.now - start }
    }

    /// - Parameter uptime: a clock that never goes back, for the repeated warnings.
    init(level: Logger.Level, fileDescriptor: Int32, style: LogStyle, uptime: @escaping @Sendable () -> Duration) {
        lowestLevel = Mutex(level)
        self.fileDescriptor = fileDescriptor
        self.style = style
        self.uptime = uptime
    }

    /// The lowest level written, for all loggers that set none themselves. May change at any time.
    public var level: Logger.Level {
        get { lowestLevel.withLock(\.self) }
        set { lowestLevel.withLock { $0 = newValue } }
    }

    /// Keeps these out of every line from now on. To be called before anything that may hold one is logged.
    public func register(_ secrets: Secrets) {
        state.withLock { $0.redaction.add(secrets.values) }
    }

    /// The text without credentials: for whatever leaves the daemon by another door, such as its status.
    public func redact(_ text: String) -> String {
        state.withLock(\.redaction).redact(text)
    }

    /// Writes one line. Of warnings and errors the same `subject` is written at most once a second.
    /// - Parameters:
    ///   - subject: subsystem, stream and message.
    ///   - details: what may differ between repetitions.
    func write(_ level: Logger.Level, _ subject: String, details: String) {
        let now = uptime()
        let key = "\(level) \(subject)"
        let (lines, redaction) = state.withLock { state in
            var lines = state.repeated.takeSuppressed(at: now).map(Self.repetition)
            if level < .warning || state.repeated.admit(key, at: now) {
                lines.append((level, key + details))
            }
            return (lines, state.redaction)
        }
        emit(lines, redaction)
    }

    /// Writes how often the messages held back came: before the program ends.
    public func flush() {
        let (lines, redaction) = state.withLock { state in
            (state.repeated.takeSuppressed().map(Self.repetition), state.redaction)
        }
        emit(lines, redaction)
    }

    private static func repetition(_ repeated: (message: String, count: Int)) -> (level: Logger.Level, text: String) {
        let level = repeated.message.split(separator: " ").first.flatMap { Logger.Level(rawValue: String($0)) }
        return (level ?? .warning, "\(repeated.message) (\(repeated.count) more)")
    }

    private func emit(_ lines: [(level: Logger.Level, text: String)], _ redaction: Redaction) {
        for line in lines {
            let text = redaction.redact(line.text).escapingControlCharacters()
            let cut = text.count > Self.lineLimit ? text.prefix(Self.lineLimit) + "…" : text[...]
            put(Array("\(style.prefix(line.level, time: Date()))\(cut)\n".utf8))
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
