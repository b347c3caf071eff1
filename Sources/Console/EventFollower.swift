import EventFeed
import System
import Text

/// A subscription to the daemon's events that outlives the daemon: when the connection ends it is made anew, as often as it
/// takes, and goes on after the last record there was.
final class EventFollower {
    enum Step {
        case line(JSONValue, String)
        /// Nothing came in time.
        case nothing
        /// The connection is gone; it is tried again. Said once.
        case lost
    }

    private static let pause = Duration.seconds(1)

    private let path: String
    private let filter: EventFilter
    private let asksForStatus: Bool
    /// Nil while there is no connection.
    private var client: FeedClient?
    /// The daemon has greeted, and was asked for what is wanted.
    private(set) var isConnected = false
    private var isSubscribed = false
    private var feedID: String?
    /// The last record there was.
    private(set) var seq: UInt64?
    private var due = ContinuousClock.now

    /// Connects; the greeting is waited for in `next`, for it comes late from a daemon that is only just starting.
    ///
    /// - Parameter asksForStatus: a status is asked for with each connection.
    /// - Throws: `FeedError` where no daemon listens at the path.
    init(path: String, filter: EventFilter, asksForStatus: Bool = false) throws {
        self.path = path
        self.filter = filter
        self.asksForStatus = asksForStatus
        seq = filter.since
        client = try FeedClient(connectingTo: path)
    }

    /// The next line of the socket, records in their order and each once.
    ///
    /// - Throws: `OperationError` where the daemon refuses what was asked for, or is none.
    func next(within limit: Duration) throws -> Step {
        let deadline = ContinuousClock.now + limit
        if client == nil, !reconnect(before: deadline) { return .nothing }
        while true {
            // A connection that breaks has ended.
            switch try? client?.nextLine(timeout: max(.zero, deadline - .now)) {
            case .timedOut: return .nothing
            case .line(let text):
                guard let line = try take(text) else { continue }
                return .line(line, text)
            case .ended, nil:
                client = nil
                due = .now + Self.pause
                // One that never greeted was none to lose.
                guard isConnected else { return .nothing }
                isConnected = false
                return .lost
            }
        }
    }

    /// Asks the daemon how it fares; the answer comes as a line.
    func askForStatus() { try? client?.send(#"{"status":{}}"#) }

    private func reconnect(before deadline: ContinuousClock.Instant) -> Bool {
        if ContinuousClock.now < due { Sleep.until(min(due, deadline)) }
        guard ContinuousClock.now >= due else { return false }
        due = .now + Self.pause
        guard let client = try? FeedClient(connectingTo: path) else { return false }
        self.client = consume client
        return true
    }

    /// Asks for what came after the last record there was.
    private func greeted(_ hello: JSONValue) throws {
        let id = hello["feed_id"]?.string
        // Another numbering: all of it is new.
        if let feedID, feedID != id { seq = 0 }
        feedID = id
        let last = hello["seq_last"]?.integer.flatMap { UInt64(exactly: $0) } ?? 0
        let since = seq ?? last
        seq = since
        try client?.send(filter.request(since: since))
        if asksForStatus { askForStatus() }
        isSubscribed = false
        isConnected = true
    }

    /// Nil for a line that is passed over: one from before the subscription, which comes again after it.
    private func take(_ text: String) throws -> JSONValue? {
        guard let line = try? JSONValue(parsing: text) else { return nil }
        let type = line["type"]?.string
        guard isConnected || type == "hello" || type == "error" else {
            throw OperationError("\(path): what listens there does not greet as a watchword daemon does")
        }
        switch type {
        case "hello":
            try greeted(line)
        case "snapshot":
            isSubscribed = true
        case "error":
            let code = line["code"]?.string
            if code == "since_ahead", filter.since != seq {
                // The numbering went back behind what was told.
                seq = 0
                client = nil
                isConnected = false
                return nil
            }
            // It is cut off next, and goes on where it was.
            if code == "too_slow" { return nil }
            throw OperationError("\(path): \(line["message"]?.string ?? "the request is refused")")
        case "event", "stream":
            guard isSubscribed, let number = line["seq"]?.integer.flatMap({ UInt64(exactly: $0) }),
                number > seq ?? 0
            else { return nil }
            seq = number
        case "scores", "journal", "gap":
            guard isSubscribed else { return nil }
        default:
            break
        }
        return filter.passes(line) ? line : nil
    }
}
