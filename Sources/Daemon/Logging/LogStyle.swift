import Foundation
import Logging
import Settings

/// Where log lines go, which is also how they begin.
enum LogStyle: Sendable, Equatable {
    /// To the journal, which has its own time. A line that goes through standard error begins with sd-daemon's `<6>`.
    case journal
    /// Elsewhere: UTC with milliseconds.
    case timestamped

    /// Standard error is the journal's own stream if `$JOURNAL_STREAM` names its device and inode.
    static func detect(fileDescriptor: Int32, environment: [String: String]) -> LogStyle {
        var status = stat()
        guard let stream = environment["JOURNAL_STREAM"], fstat(fileDescriptor, &status) == 0 else {
            return .timestamped
        }
        return stream == "\(status.st_dev):\(status.st_ino)" ? .journal : .timestamped
    }

    /// What stands before an entry on standard error.
    func prefix(_ level: Logger.Level, format: LogSettings.Format, time: Date) -> String {
        switch (self, format) {
        case (.journal, _): "<\(level.priority)>"
        case (.timestamped, .text): Self.timestamp(time) + " "
        case (.timestamped, .json): ""
        }
    }

    static func timestamp(_ time: Date) -> String {
        time.formatted(
            .iso8601.year().month().day().timeZone(separator: .omitted).time(includingFractionalSeconds: true)
        )
    }
}

extension Logger.Level {
    /// syslog's number.
    var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
