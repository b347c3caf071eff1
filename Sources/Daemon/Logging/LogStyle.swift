import Foundation
import Logging

/// How a log line begins.
enum LogStyle: Sendable, Equatable {
    /// sd-daemon's `<6>`: the journal has its own time and takes the priority from the prefix.
    case journal
    /// UTC with milliseconds.
    case timestamped

    /// Standard error is the journal's own stream if `$JOURNAL_STREAM` names its device and inode.
    static func detect(fileDescriptor: Int32, environment: [String: String]) -> LogStyle {
        var status = stat()
        guard let stream = environment["JOURNAL_STREAM"], fstat(fileDescriptor, &status) == 0 else {
            return .timestamped
        }
        return stream == "\(status.st_dev):\(status.st_ino)" ? .journal : .timestamped
    }

    func prefix(_ level: Logger.Level, time: Date) -> String {
        switch self {
        case .journal:
            "<\(level.priority)>"
        case .timestamped:
            time.formatted(
                .iso8601.year().month().day().timeZone(separator: .omitted).time(includingFractionalSeconds: true)
            ) + " "
        }
    }
}

extension Logger.Level {
    /// syslog's number.
    fileprivate var priority: Int {
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
