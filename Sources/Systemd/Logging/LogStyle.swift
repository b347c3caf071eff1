import Foundation
import Logging
import Settings
import Text

/// Where log lines go, which decides how they begin.
enum LogStyle: Sendable, Equatable {
    /// To the system journal, which adds the time. A line on standard error begins with sd-daemon's `<6>`.
    case journal
    /// Elsewhere: UTC with milliseconds.
    case timestamped

    /// Standard error leads to the system journal if `$JOURNAL_STREAM` names its device and inode.
    static func detect(fileDescriptor: Int32, environment: [String: String]) -> LogStyle {
        var status = stat()
        guard let stream = environment["JOURNAL_STREAM"], fstat(fileDescriptor, &status) == 0 else {
            return .timestamped
        }
        return stream == "\(status.st_dev):\(status.st_ino)" ? .journal : .timestamped
    }

    /// What begins an entry on standard error.
    func prefix(_ level: Logger.Level, format: LogSettings.Format, time: UTCTime) -> String {
        switch (self, format) {
        case (.journal, _): "<\(level.priority)>"
        case (.timestamped, .text): "\(time) "
        case (.timestamped, .json): ""
        }
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
