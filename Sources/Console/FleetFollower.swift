import EventFeed
import Fleet
import System
import Text

/// The feed of a fleet, which outlives its servers: it goes on after the last record that it received.
final class FleetFollower: Following {
    /// The longest wait for a connection, and the time between two attempts.
    private static let patience = Duration.seconds(10)
    private static let pause = Duration.seconds(1)

    private let settings: FleetSettings
    private let filter: EventFilter
    private let subscription: Subscription
    /// Nil while there is no connection that the library renews by itself.
    private var client: EngineClient?
    private var reader: FleetReader?
    private var waiting: [FleetReader.Reading] = []
    private var feedID: String?
    /// The last record that was received; nil if it is to begin with what comes.
    private var seq: UInt64?
    private var isLossReported = false
    private var due = Instant.now

    /// Connects.
    ///
    /// - Throws: `FleetError` if no server can be reached.
    init(_ settings: FleetSettings, filter: EventFilter) throws {
        self.settings = settings
        self.filter = filter
        subscription = filter.subscription(since: filter.since ?? 0)
        seq = filter.since
        try connect(within: Self.patience)
    }

    func next(within limit: Duration) throws -> FollowedStep {
        let deadline = Instant.now + limit
        repeat {
            while !waiting.isEmpty {
                if let step = take(waiting.removeFirst()) { return step }
            }
            if let reason = loss() { return .lost(reason: reason) }
            guard client != nil || reconnect(before: deadline) else { return .nothing }
            if let client, !client.isConnected {
                client.rest(for: max(.zero, deadline - .now))
                continue
            }
            waiting = try reader?.next(within: max(.zero, deadline - .now)) ?? []
        } while !waiting.isEmpty || .now < deadline
        return .nothing
    }

    private func connect(within limit: Duration) throws {
        let client = try EngineClient(settings, within: limit)
        reader = FleetReader(client, after: seq, of: feedID)
        self.client = client
    }

    private func reconnect(before deadline: Instant) -> Bool {
        if Instant.now < due { MonotonicTime.sleep(for: min(due, deadline) - .now) }
        guard Instant.now >= due else { return false }
        due = .now + Self.pause
        return (try? connect(within: Self.pause)) != nil
    }

    /// The reason if the connection was lost since the last call.
    private func loss() -> String? {
        guard let client else { return nil }
        if client.isConnected {
            isLossReported = false
            return nil
        }
        let reason = client.trouble.map { ": \($0)" } ?? ""
        if client.isClosed { (self.client, reader) = (nil, nil) }
        guard !isLossReported else { return nil }
        isLossReported = true
        return "no connection with the fleet's servers\(reason)."
    }

    private func take(_ reading: FleetReader.Reading) -> FollowedStep? {
        switch reading {
        case .feed(let report):
            // Another numbering: all of it is new.
            if feedID != nil, feedID != report.feedID { seq = 0 }
            let isKnown = feedID == report.feedID
            feedID = report.feedID
            seq = seq ?? report.last
            return isKnown ? nil : step(Self.greeting(report))
        case .record(let number, let line):
            seq = number
            guard let value = try? JSONValue(parsing: line) else { return nil }
            let message = FeedMessage(value)
            return subscription.matches(message) && filter.passes(message) ? .message(message, line: line) : nil
        case .gap(let lost):
            seq = lost.upperBound
            return step(FeedMessages.gap(lost).text)
        case .caughtUp: return nil
        }
    }

    private func step(_ line: String) -> FollowedStep? {
        (try? FeedMessage(parsing: line)).map { .message($0, line: line) }
    }

    /// As a daemon's first line, with what a fleet has of it.
    private static func greeting(_ report: StreamReport) -> String {
        var line = JSONLine(type: "hello")
        line.add("protocol", 1)
        line.add("feed_id", report.feedID)
        line.add("seq_first", max(report.first, 1))
        line.add("seq_last", report.last)
        return line.text
    }
}
