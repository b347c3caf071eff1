import System

/// Reads the records of a feed from a position on, and joins it again after a broken connection. For one thread.
package struct RecordReader {
    /// The result of a read.
    package enum Reading: Sendable {
        /// A message, and the line that it was read from.
        case message(FeedMessage, line: String)
        /// Nothing came in time, or the feed is to be joined again later.
        case nothing
        /// The feed cannot be joined. It is tried again after a second.
        case failed(FeedError)
    }

    private static let pause = Duration.seconds(1)

    private let source: RecordSource
    private var client: (any RecordClient)?
    private var joinsAt = Instant.now

    package init(_ source: RecordSource) {
        self.source = source
    }

    /// The descriptor to poll for reading; nil while the feed is not joined.
    package var pollable: Int32? { client?.pollable }

    /// Leaves the feed. The next read joins it anew.
    package mutating func leave() { client = nil }

    /// The next message. If the feed is not joined, joins it for the records after `seq`.
    ///
    /// - Parameters:
    ///   - seq: the last record that needs not be read.
    ///   - limit: the longest wait.
    package mutating func next(after seq: UInt64, within limit: Duration) -> Reading {
        do throws(FeedError) {
            guard let client = try joined(after: seq) else { return .nothing }
            switch try client.next(within: limit) {
            case .message(let message, let line): return .message(message, line: line)
            case .timedOut: return .nothing
            case .ended: break
            }
        } catch {
            // A connection that breaks has ended.
            if client == nil {
                joinsAt = .now + Self.pause
                return .failed(error)
            }
        }
        client = nil
        joinsAt = .now + Self.pause
        return .nothing
    }

    private mutating func joined(after seq: UInt64) throws(FeedError) -> (any RecordClient)? {
        if let client { return client }
        guard .now >= joinsAt else { return nil }
        let fresh = try source.connect()
        try fresh.subscribe(Subscription(types: [.event, .stream], since: seq))
        client = fresh
        return fresh
    }
}
