import EventFeed
import Fleet
import System
import Text

/// A connection to the fleet's records, as the feeds of MQTT and the webhooks read a daemon's own. It connects to the engine
/// when it is made, and survives the loss of servers by itself.
final class FleetRecordClient: RecordClient {
    private let client: EngineClient
    private let feedID: String
    private let servers: String
    /// Called once if the numbering of the records has begun anew.
    private let renumbered: @Sendable () -> Void
    private var reader: FleetReader?
    private var types: Set<Subscription.RecordType> = []
    private var waiting: [FeedClient.Reading] = []
    private var next = 0
    private var hasEnded = false

    /// - Throws: `FeedError` if the engine cannot be reached.
    init(_ settings: FleetSettings, feedID: String, renumbered: @escaping @Sendable () -> Void) throws(FeedError) {
        servers = settings.servers.joined(separator: ", ")
        do throws(FleetError) { client = try EngineClient(settings) } catch { throw .fleet(error) }
        self.feedID = feedID
        self.renumbered = renumbered
    }

    var pollable: Int32 { client.pollable }

    func subscribe(_ subscription: Subscription) throws(FeedError) {
        do throws(FleetError) {
            let snapshot = try client.snapshot()
            let last = try client.lastRecord()
            (waiting, next) = ([], 0)
            guard last.feedID == feedID, snapshot.feedID == feedID else { return end() }
            types = subscription.types
            let since = subscription.since ?? snapshot.seq
            guard since <= last.seq else {
                var refusal = JSONLine(type: "error")
                refusal.add("code", FeedMessage.ErrorCode.sinceAhead.rawValue)
                refusal.add("message", "there is no record \(since) yet: the last one is \(last.seq)")
                return add(refusal.text)
            }
            add(snapshot.line)
            reader = FleetReader(client, after: since, of: feedID)
        } catch {
            throw .fleet(error)
        }
    }

    func next(within limit: Duration?) throws(FeedError) -> FeedClient.Reading {
        let deadline = limit.map { Instant.now + $0 }
        while true {
            if let reading = takeWaiting() { return reading }
            if hasEnded || client.isClosed { return .ended }
            let left = deadline.map { max(.zero, $0 - .now) } ?? .seconds(1)
            do throws(FleetError) {
                for reading in try reader?.next(within: left) ?? [] { take(reading) }
            } catch {
                throw .fleet(error)
            }
            if next >= waiting.count, !hasEnded, let deadline, .now >= deadline { return .timedOut }
            // Without a subscription nothing comes.
            if reader == nil, waiting.isEmpty { return .timedOut }
        }
    }

    private func take(_ reading: FleetReader.Reading) {
        switch reading {
        case .feed(let report): if report.feedID != feedID { end() }
        case .record(_, let line): add(line)
        case .gap(let lost): waiting.append(.message(.gap(lost), line: FeedMessages.gap(lost).text))
        case .caughtUp: break
        }
    }

    /// Adds a line, unless it is of a type that was not asked for.
    private func add(_ line: String) {
        guard !hasEnded, let message = try? FeedMessage(parsing: line) else { return }
        switch message {
        case .event: guard types.contains(.event) else { return }
        case .stream: guard types.contains(.stream) else { return }
        case .snapshot, .error: break
        default: return
        }
        waiting.append(.message(message, line: line))
    }

    private func takeWaiting() -> FeedClient.Reading? {
        guard next < waiting.count else {
            (waiting, next) = ([], 0)
            return nil
        }
        defer { next += 1 }
        return waiting[next]
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        renumbered()
    }
}

extension FeedError {
    /// A failure of the fleet's engine, as one of the feed.
    fileprivate static func fleet(_ error: FleetError) -> FeedError {
        FeedError(code: .disconnected, message: error.description, path: "the fleet's records")
    }
}
