import EventFeed
import System
import Text

/// A subscription to the daemon's events that outlives the daemon: it reconnects whenever the connection ends, and goes
/// on after the last record that it received.
final class EventFollower: Following {
    /// The time between two attempts to connect.
    private static let pause = Duration.seconds(1)

    private let path: String
    private let filter: EventFilter
    private let asksForStatus: Bool
    /// Nil while there is no connection.
    private var client: FeedClient?
    /// The daemon has greeted and has the subscription.
    private(set) var isConnected = false
    private var feedID: String?
    /// The last record that was received.
    private(set) var seq: UInt64?
    private var due = Instant.now

    /// Connects. The greeting is awaited in `next`: it comes late from a daemon that is still starting.
    ///
    /// - Parameters:
    ///   - path: of the socket.
    ///   - filter: what to subscribe to.
    ///   - asksForStatus: whether to ask for the status with each connection.
    /// - Throws: `FeedError` if no daemon listens at the path.
    init(path: String, filter: EventFilter, asksForStatus: Bool = false) throws {
        self.path = path
        self.filter = filter
        self.asksForStatus = asksForStatus
        seq = filter.since
        client = try FeedClient(connectingTo: path)
    }

    /// Waits for the next message. Records come in order and each once.
    ///
    /// - Throws: `OperationError` if the daemon refuses the request, or if it is not a watchword daemon.
    func next(within limit: Duration) throws -> FollowedStep {
        let deadline = Instant.now + limit
        if client == nil, !reconnect(before: deadline) { return .nothing }
        while true {
            // A connection that breaks has ended.
            switch try? client?.next(within: max(.zero, deadline - .now)) {
            case .timedOut: return .nothing
            case .message(let message, let line):
                guard try take(message) else { continue }
                return .message(message, line: line)
            case .ended, nil:
                client = nil
                due = .now + Self.pause
                // A connection without a greeting was not one to lose.
                guard isConnected else { return .nothing }
                isConnected = false
                return .lost(reason: "\(path): the daemon closed the connection; has it stopped?")
            }
        }
    }

    /// Asks the daemon for its status, which comes as a message.
    func askForStatus() { try? client?.requestStatus() }

    private func reconnect(before deadline: Instant) -> Bool {
        if Instant.now < due { MonotonicTime.sleep(for: min(due, deadline) - .now) }
        guard Instant.now >= due else { return false }
        due = .now + Self.pause
        client = try? FeedClient(connectingTo: path)
        return client != nil
    }

    /// Subscribes to what follows the last record that was received.
    private func greeted(_ hello: FeedMessage.Hello) throws {
        let id = hello.feedID
        // Another numbering: all of it is new.
        if let feedID, feedID != id { seq = 0 }
        feedID = id
        let since = seq ?? hello.seqLast ?? 0
        seq = since
        try client?.subscribe(filter.subscription(since: since))
        if asksForStatus { askForStatus() }
        isConnected = true
    }

    /// Returns whether the message is handed out.
    private func take(_ message: FeedMessage) throws -> Bool {
        switch message {
        case .hello(let hello):
            try greeted(hello)
        case .error(let refusal):
            if refusal.code == .sinceAhead, filter.since != seq {
                // The numbering went back behind the last record that was received.
                seq = 0
                client = nil
                isConnected = false
                return false
            }
            // The daemon closes the connection next; the following one resumes.
            if refusal.code == .tooSlow { return false }
            throw OperationError("\(path): \(refusal.message ?? "the request is refused")")
        case _ where !isConnected:
            throw OperationError("\(path): the program that listens there does not greet as a watchword daemon does")
        case .event, .stream:
            guard let number = message.seq, number > seq ?? 0 else { return false }
            seq = number
        case .gap(let lost): seq = max(seq ?? 0, lost.upperBound)
        case .snapshot, .owner, .scores, .journal, .status, .unknown: break
        }
        return filter.passes(message)
    }
}
