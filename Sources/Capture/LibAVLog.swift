internal import CLibAV
internal import Synchronization
import System
import Text

/// Forwards libav's log to the daemon's own.
package enum LibAVLog {
    package enum Level: Int32, Sendable, Comparable, CaseIterable {
        case error = 16
        case warning = 24
        case info = 32
        case debug = 48

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        /// The most severe of our levels that is not more severe than libav's. A level beyond `.debug` counts as
        /// `.debug`.
        init(libav level: Int32) {
            self = Level.allCases.first { level <= $0.rawValue } ?? .debug
        }
    }

    /// Forwards libav's lines to `sink`, for the whole process. A later call replaces the sink.
    ///
    /// Each line is one line of text without credentials. A repeated line is forwarded at most once a second, with its
    /// count.
    ///
    /// - Parameters:
    ///   - maximum: the least severe level that is forwarded.
    ///   - sink: called on the thread that libav runs on, under no lock. It must not call back into libav.
    package static func forward(upTo maximum: Level = .warning, to sink: @escaping @Sendable (Level, String) -> Void) {
        state.withLock { $0.sink = sink }
        libav_log_forward(
            { level, line in
                guard let line else { return }
                LibAVLog.receive(Level(libav: level), String(cString: line))
            },
            maximum.rawValue
        )
    }

    /// Discards libav's lines: what matters of them comes again as our own errors.
    package static func mute() { forward(upTo: .error) { _, _ in } }

    private struct State {
        var sink: (@Sendable (Level, String) -> Void)?
        var filter = RepeatFilter()
    }

    private static let state = Mutex(State())

    /// Takes a line of libav's, or one that a source's command wrote. `maximum` holds for libav's alone.
    static func receive(_ level: Level, _ line: String) {
        let line = RepeatFilter.Line(level: level, text: Redaction().redact(withoutAddress(line)).singleLine)
        let now = MonotonicTime.now.seconds
        let (sink, output) = state.withLock { ($0.sink, $0.filter.admit(line, now: now)) }
        for line in output { sink?(line.level, line.text) }
    }

    /// "[h264 @ 0x55d0c8]" becomes "[h264]": the address carries no information and makes equal lines differ.
    private static func withoutAddress(_ line: String) -> String {
        var bytes = ArraySlice(line.utf8)
        var output: [UInt8] = []
        let mark = Array(" @ 0x".utf8)
        while let byte = bytes.first {
            if byte == mark[0], bytes.starts(with: mark) {
                bytes = bytes.dropFirst(mark.count).drop { $0.isASCIIDigit || (97...102).contains($0 | 0x20) }
            } else {
                output.append(byte)
                bytes = bytes.dropFirst()
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
