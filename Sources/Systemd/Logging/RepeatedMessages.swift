import System

/// Admits the same message at most once an interval and counts the rest. Pure: the caller passes the time.
struct RepeatedMessages<Message: Hashable & Comparable & Sendable>: Sendable {
    /// Messages remembered at a time; beyond that, new ones pass unlimited.
    static var capacity: Int { 256 }

    private struct Window {
        var end: Duration
        var suppressed = 0
    }

    let interval: Duration
    private var windows: [Message: Window] = [:]

    init(interval: Duration = .seconds(1)) {
        self.interval = interval
    }

    /// Whether the message is to be written.
    ///
    /// - Parameter now: on any clock that never goes back.
    mutating func admit(_ message: Message, at now: Duration) -> Bool {
        if let window = windows[message], now < window.end {
            windows[message]?.suppressed += 1
            return false
        }
        if windows[message] != nil || windows.count < Self.capacity {
            windows[message] = Window(end: now + interval)
        }
        return true
    }

    /// Forgets the messages whose interval is over, or all of them without a time.
    ///
    /// - Returns: the messages that were held back, sorted, with their counts. They are to be written before the next
    ///   message that is admitted.
    mutating func takeSuppressed(at now: Duration? = nil) -> [(message: Message, count: Int)] {
        let over = windows.filter { now.map($0.value.end.isAtMost) ?? true }
        over.keys.forEach { windows[$0] = nil }
        return over.filter { $0.value.suppressed > 0 }.map { ($0.key, $0.value.suppressed) }.sorted { $0.0 < $1.0 }
    }
}

extension Duration {
    fileprivate func isAtMost(_ other: Duration) -> Bool { self <= other }
}
