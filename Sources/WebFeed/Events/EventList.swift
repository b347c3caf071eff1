import EventFeed
import Events
import Text

/// The answer to `/api/v1/events`: records of the past, from the daemon's event socket.
///
/// With `since` it reads on from there and tells where to go on; without, it looks for the newest, further back as long as
/// too few fit.
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
            streams = try EventPattern.texts("stream", target).map { Glob($0) }
            labels = try EventPattern.texts("label", target).map { Glob($0) }
            states = try EventParameters.single("state", target)?.split(separator: ",").map(String.init) ?? []
            let known = LabelEvent.State.allCases.map(\.rawValue)
            guard states.allSatisfy(known.contains) else {
                throw .badParameter("state is some of \(known.joined(separator: ",")), with commas between")
            }
            limit = Int(try EventParameters.number("limit", target, 1...1000) ?? 100)
        }

        func fits(_ record: JSONValue) -> Bool {
            guard record["type"]?.string == "event", let stream = record["stream"]?.string,
                let label = record["label"]?.string, let state = record["state"]?.string
            else { return false }
            return (streams.isEmpty || streams.contains { $0.matches(stream) })
                && (labels.isEmpty || labels.contains { $0.matches(label) })
                && (states.isEmpty || states.contains(state))
        }
    }

    /// Records looked through for one answer at most: it costs the event socket's thread some work.
    static let mostRecords: UInt64 = 20_000
    /// Records looked through first for the newest.
    private static let firstLook: UInt64 = 1000

    private(set) var line = JSONLine()

    /// What a look at a range of records found.
    private struct Look {
        var events: [JSONValue] = []
        /// The last record looked at.
        var through: UInt64
        var lost: (from: UInt64, to: UInt64)?
    }

    /// - Throws: `HTTPFault` where the event socket does not answer, or `since` was never given.
    init(_ query: Query, path: String) throws(HTTPFault) {
        let socket = try EventSocket(path: path)
        let (first, last) = (socket.seqFirst, socket.seqLast)
        let look: Look
        if let since = query.since {
            guard since <= last else {
                throw .badParameter("since lies beyond the last record, \(last): the numbering began anew")
            }
            look = try Self.look(query, on: socket, after: since, limit: query.limit)
        } else {
            look = try Self.newest(query, on: socket, path: path)
        }
        let events = query.since == nil ? Array(look.events.suffix(query.limit)) : look.events
        line.add("seq_first", first)
        line.add("seq_last", last)
        // For `since` of the next request.
        line.add("next", look.through)
        line.add("gap", look.lost.map { Self.gap(from: $0.from, to: $0.to) })
        line.add("events", events)
    }

    private static func newest(
        _ query: Query,
        on socket: consuming EventSocket,
        path: String
    ) throws(HTTPFault) -> Look {
        let (first, last) = (socket.seqFirst, socket.seqLast)
        let oldest = max(first > 0 ? first - 1 : 0, last > mostRecords ? last - mostRecords : 0)
        let start = max(oldest, last > firstLook ? last - firstLook : 0)
        let near = try look(query, on: socket, after: min(start, last), limit: .max)
        guard near.events.count < query.limit, start > oldest else { return near }
        return try look(query, on: EventSocket(path: path), after: oldest, limit: .max)
    }

    /// Looks through the records after `since`, up to the newest or until so many fit.
    private static func look(
        _ query: Query,
        on socket: consuming EventSocket,
        after since: UInt64,
        limit: Int
    ) throws(HTTPFault) -> Look {
        try socket.subscribe(types: ["event", "stream"], streams: [], labels: [], since: since)
        var look = Look(through: since)
        var last: UInt64?
        while last.map({ look.through < $0 }) ?? true, look.through - since < mostRecords {
            guard case .line(let text) = socket.next(within: EventSocket.patience),
                let record = try? JSONValue(parsing: text.utf8)
            else { throw .silentFeed }
            switch record["type"]?.string {
            case "snapshot": last = record.seq("seq") ?? 0
            case "gap":
                guard let from = record.seq("from"), let to = record.seq("to") else { continue }
                look.lost = (look.lost?.from ?? from, to)
                look.through = max(look.through, to)
            case "event", "stream":
                // Before the snapshot there are live ones of before the subscription.
                guard last != nil, let seq = record.seq("seq"), seq > look.through else { continue }
                look.through = seq
                if query.fits(record) { look.events.append(record) }
                if look.events.count == limit { return look }
            default: continue
            }
        }
        return look
    }

    private static func gap(from: UInt64, to: UInt64) -> JSONLine {
        var line = JSONLine()
        line.add("from", from)
        line.add("to", to)
        return line
    }
}
