import System
import Text

/// A client of the feed: subscribes and hands out what follows the join. Its calls block. For one thread at a time.
///
/// A server sends live records from the start of a connection, and a subscription that goes back in time sends some of
/// them again. This client drops the records that come before the snapshot that answers `subscribe`, so that it hands
/// out each record once.
package final class FeedClient {
    /// The result of a wait for a message.
    package enum Reading: Sendable {
        /// A message, and the line that it was read from, without its line feed.
        case message(FeedMessage, line: String)
        /// No message came in time.
        case timedOut
        /// The server has closed the connection.
        case ended
    }

    private var socket: LineSocket
    private var isGreeted = false
    /// The snapshot that answers the last subscription has come.
    private var hasJoined = false

    /// Connects to the socket at a path.
    ///
    /// - Throws: `FeedError`, with the code `.notRunning` if no process listens there.
    package init(connectingTo path: String) throws(FeedError) {
        socket = try LineSocket(connectingTo: path)
    }

    /// Takes over a connected socket. `path` names the server in errors.
    init(over socket: consuming FileDescriptor, path: String) {
        self.socket = LineSocket(over: socket, path: path)
    }

    /// The descriptor to poll for reading. Messages may also wait in this object: call `next` with a limit of zero
    /// until it returns none.
    package var pollable: Int32 { socket.pollable }

    /// Sends a subscription. The next message of the feed is the snapshot that answers it.
    package func subscribe(_ subscription: Subscription) throws(FeedError) {
        hasJoined = false
        try socket.send(FeedRequest.subscribe(subscription).line.text)
    }

    /// Asks for the daemon's status, which comes as a message.
    package func requestStatus() throws(FeedError) {
        try socket.send(FeedRequest.status.line.text)
    }

    /// Waits for the next message. A line that is not JSON is skipped.
    ///
    /// - Parameter limit: nil for no limit.
    package func next(within limit: Duration? = nil) throws(FeedError) -> Reading {
        let deadline = limit.map { Instant.now + $0 }
        while true {
            switch try socket.nextLine(timeout: deadline.map { max(.zero, $0 - .now) }) {
            case .timedOut: return .timedOut
            case .ended: return .ended
            case .line(let line):
                guard let message = try? FeedMessage(parsing: line), takes(message) else { continue }
                return .message(message, line: line)
            }
        }
    }

    /// Whether the message is handed out.
    private func takes(_ message: FeedMessage) -> Bool {
        // The first message shows whether this is a watchword daemon.
        guard isGreeted else {
            if case .hello = message { isGreeted = true }
            return true
        }
        switch message {
        case .hello, .status, .error: return true
        case .snapshot:
            hasJoined = true
            return true
        case .event, .stream, .owner, .scores, .journal, .gap, .unknown: return hasJoined
        }
    }
}
