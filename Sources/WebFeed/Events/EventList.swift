import EventFeed
import Events
import Text

/// The answer to `/api/v1/events`: past records, from the daemon's feed.
///
/// With `since` it reads on from that record and says where to go on. Without, it looks for the newest events, and
/// looks further back while it has found too few.
struct EventList {
    struct Query {
        static let parameters = ["since", "stream", "label", "state", "limit"]

        var since: UInt64?
        var streams: [Glob]
        var labels: [Glob]
        var states: [String]
        var limit: Int

        init(_ target: RequestTarget) throws(HTTPFault) {
            try EventParameters.check(target, known: Self.parameters)
            since = try EventParameters.number("since", target, 0...UInt64(Int64.max))
            streams = try EventPattern.globs("stream", target)
            labels = try EventPattern.globs("label", target)
            states = try EventParameters.single("state", target)?.split(separator: ",").map(String.init) ?? []
            let known = LabelEvent.State.allCases.map(\.rawValue)
            guard states.allSatisfy(known.contains) else {
                throw .badParameter("state is some of \(known.joined(separator: ",")), with commas between")
            }
            limit = Int(try EventParameters.number("limit", target, 1...1000) ?? 100)
        }

        func matches(_ event: FeedMessage.Event) -> Bool {
            guard let stream = event.stream, let label = event.label, let state = event.state else { return false }
            return (streams.isEmpty || streams.contains { $0.matches(stream) })
                && (labels.isEmpty || labels.contains { $0.matches(label) })
                && (states.isEmpty || states.contains(state))
        }
    }

    /// The most records read for one answer: each costs the feed's thread some work.
    static let mostRecords: UInt64 = 20_000
    /// The number of records in the first look for the newest events.
    private static let firstLook: UInt64 = 1000

    private(set) var line = JSONLine()

    /// The result of reading a range of records.
    private struct Look {
        var events: [JSONValue] = []
        /// The last record read.
        var through: UInt64
        /// Records that are no longer kept.
        var lost: ClosedRange<UInt64>?
    }

    /// - Throws: `HTTPFault` if the feed does not answer, or if it never gave the number `since`.
    init(_ query: Query, from connect: () throws(FeedError) -> FeedClient) throws(HTTPFault) {
        let socket = try EventSocket(connect)
        let (first, last) = (socket.seqFirst, socket.seqLast)
        let look: Look
        if let since = query.since {
            guard since <= last else {
                throw .badParameter("since lies beyond the last record, \(last): the numbering began anew")
            }
            look = try Self.look(query, on: socket, after: since, limit: query.limit)
        } else {
            look = try Self.newest(query, on: socket, from: connect)
        }
        let events = query.since == nil ? Array(look.events.suffix(query.limit)) : look.events
        line.add("seq_first", first)
        line.add("seq_last", last)
        // For `since` of the next request.
        line.add("next", look.through)
        line.add("gap", look.lost.map(Self.gap))
        line.add("events", events)
    }

    private static func newest(
        _ query: Query,
        on socket: EventSocket,
        from connect: () throws(FeedError) -> FeedClient
    ) throws(HTTPFault) -> Look {
        let (first, last) = (socket.seqFirst, socket.seqLast)
        let oldest = max(first > 0 ? first - 1 : 0, last > mostRecords ? last - mostRecords : 0)
        let start = max(oldest, last > firstLook ? last - firstLook : 0)
        let near = try look(query, on: socket, after: min(start, last), limit: .max)
        guard near.events.count < query.limit, start > oldest else { return near }
        return try look(query, on: EventSocket(connect), after: oldest, limit: .max)
    }

    /// Reads the records after `since`, up to the newest or until `limit` events match.
    private static func look(
        _ query: Query,
        on socket: EventSocket,
        after since: UInt64,
        limit: Int
    ) throws(HTTPFault) -> Look {
        try socket.subscribe(Subscription(types: [.event, .stream], since: since))
        var look = Look(through: since)
        var last: UInt64?
        while last.map({ look.through < $0 }) ?? true, look.through - since < mostRecords {
            guard case .message(let message, _) = socket.next(within: EventSocket.patience) else { throw .silentFeed }
            if case .snapshot(let snapshot) = message { last = snapshot.seq ?? 0 }
            if case .gap(let lost) = message {
                let first = look.lost ?? lost
                look.lost = first.lowerBound...max(first.upperBound, lost.upperBound)
                look.through = max(look.through, lost.upperBound)
            }
            guard let seq = message.seq, seq > look.through else { continue }
            look.through = seq
            if case .event(let event) = message, query.matches(event) { look.events.append(event.value) }
            if look.events.count == limit { return look }
        }
        return look
    }

    private static func gap(_ lost: ClosedRange<UInt64>) -> JSONLine {
        var line = JSONLine()
        line.add("from", lost.lowerBound)
        line.add("to", lost.upperBound)
        return line
    }
}
