import EventFeed
import Text

/// Events as they come, as server-sent events: the lines of the daemon's event socket, of which this is a client like any
/// other. So a browser that does not read holds up its own thread, then is cut off by the socket, and resumes by number.
///
/// A record's `id` is `FEED-SEQ`: with it a browser that reconnects gets what it missed, and all that is kept where the
/// numbering began anew meanwhile.
struct EventStream: ~Copyable {
    /// What a client asks for.
    struct Request: Equatable {
        var types: [String]
        var streams: [String]
        var labels: [String]
        /// The record that the client has; of this feed, where `feed` is given.
        var since: UInt64?
        var feed: String?

        static let parameters = ["types", "stream", "label", "since"]
        private static let types = ["event", "stream", "scores", "journal"]

        init(_ head: RequestHead) throws(HTTPFault) {
            let target = head.target
            try EventParameters.check(target, known: Self.parameters)
            let named = try EventParameters.single("types", target)
            types = named?.split(separator: ",").map(String.init) ?? ["event", "stream", "journal"]
            guard !types.isEmpty, types.allSatisfy(Self.types.contains) else {
                throw .badParameter("types is some of \(Self.types.joined(separator: ",")), with commas between")
            }
            streams = try EventPattern.texts("stream", target)
            labels = try EventPattern.texts("label", target)
            since = try EventParameters.number("since", target, 0...UInt64(Int64.max))
            guard let last = head["last-event-id"], !last.isEmpty else { return }
            // What a browser sends by itself goes over the address it was first given.
            let parts = last.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count <= 2, let seq = parts.last.flatMap({ UInt64($0) }), seq <= UInt64(Int64.max) else {
                throw .badParameter("Last-Event-ID is the id of an event that came from here")
            }
            since = seq
            feed = parts.count == 2 ? String(parts[0]) : nil
        }
    }

    enum Next {
        case message([UInt8])
        case nothing
        case ended
    }

    private var socket: EventSocket
    private var greeting: [UInt8]?

    /// - Throws: `HTTPFault` where the event socket is not served, or the number asked for was never given.
    init(_ request: Request, path: String) throws(HTTPFault) {
        var socket = try EventSocket(path: path)
        let isAnother = request.feed.map { $0 != socket.feedID } ?? false
        let since = isAnother ? 0 : request.since
        if let since, since > socket.seqLast {
            throw .badParameter("since lies beyond the last record, \(socket.seqLast): the numbering began anew")
        }
        try socket.subscribe(types: request.types, streams: request.streams, labels: request.labels, since: since)
        // How soon a browser whose connection broke tries again, in milliseconds.
        greeting = Array("retry: 1000\n".utf8) + Self.message(socket.helloText, type: "hello", id: nil)
        self.socket = socket
    }

    /// Waits for the next line.
    mutating func next(within limit: Duration) -> Next {
        if let greeting {
            self.greeting = nil
            return .message(greeting)
        }
        switch socket.next(within: limit) {
        case .timedOut: return .nothing
        case .ended: return .ended
        case .line(let line):
            let parsed = try? JSONValue(parsing: line.utf8)
            guard let value = parsed, let type = value["type"]?.string else { return .nothing }
            // "error" is what browsers call a connection that broke.
            guard type != "error" else { return .message(Self.message(line, type: "problem", id: nil)) }
            let isRecord = type == "event" || type == "stream"
            let id = isRecord ? value.seq("seq").map { "\(socket.feedID)-\($0)" } : nil
            return .message(Self.message(line, type: type, id: id))
        }
    }

    private static func message(_ line: String, type: String, id: String?) -> [UInt8] {
        Array(((id.map { "id: \($0)\n" } ?? "") + "event: \(type)\ndata: \(line)\n\n").utf8)
    }
}
