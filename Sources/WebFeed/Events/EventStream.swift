import EventFeed

/// Live events as server-sent events: the lines of the daemon's feed, of which this is a client like any other. A
/// browser that does not read blocks only its own thread; the feed then cuts the connection off, and the browser
/// resumes by number.
///
/// The `id` of a record is `FEED-SEQ`. It lets a browser that reconnects receive what it missed, or all that is kept if
/// the numbering began anew in the meantime.
struct EventStream {
    /// What a client asks for.
    struct Request: Equatable {
        /// `since` is the last record that the client has, of the numbering `feed` if that is given.
        var subscription: Subscription
        var feed: String?

        static let parameters = ["types", "stream", "label", "since"]

        /// - Throws: `HTTPFault` for a parameter or a header that cannot be used.
        init(_ head: RequestHead) throws(HTTPFault) {
            let target = head.target
            try EventParameters.check(target, known: Self.parameters)
            subscription = Subscription()
            if let named = try EventParameters.single("types", target) { subscription.types = try Self.types(named) }
            let streams = try EventPattern.globs("stream", target)
            let labels = try EventPattern.globs("label", target)
            if !streams.isEmpty { subscription.streams = streams }
            if !labels.isEmpty { subscription.labels = labels }
            subscription.since = try EventParameters.number("since", target, 0...UInt64(Int64.max))
            guard let last = head["last-event-id"], !last.isEmpty else { return }
            // The header that a browser sends by itself overrides the address that it was first given.
            let parts = last.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count <= 2, let seq = parts.last.flatMap({ UInt64($0) }), seq <= UInt64(Int64.max) else {
                throw .badParameter("Last-Event-ID is the id of an event that came from here")
            }
            subscription.since = seq
            feed = parts.count == 2 ? String(parts[0]) : nil
        }

        private static func types(_ text: String) throws(HTTPFault) -> Set<Subscription.RecordType> {
            let names = text.split(separator: ",")
            let types = names.compactMap { Subscription.RecordType(rawValue: String($0)) }
            guard !types.isEmpty, types.count == names.count else {
                let known = Subscription.RecordType.allCases.map(\.rawValue).joined(separator: ",")
                throw .badParameter("types is some of \(known), with commas between")
            }
            return Set(types)
        }
    }

    enum Next {
        case message([UInt8])
        case nothing
        case ended
    }

    private let socket: EventSocket
    private var greeting: [UInt8]?

    /// - Throws: `HTTPFault` if the feed does not answer, or if it never gave the number `since`.
    init(_ request: Request, from connect: () throws(FeedError) -> FeedClient) throws(HTTPFault) {
        socket = try EventSocket(connect)
        var subscription = request.subscription
        let isAnother = request.feed.map { $0 != socket.feedID } ?? false
        if isAnother { subscription.since = 0 }
        if let since = subscription.since, since > socket.seqLast {
            throw .badParameter("since lies beyond the last record, \(socket.seqLast): the numbering began anew")
        }
        try socket.subscribe(subscription)
        // `retry`: the milliseconds after which a browser reconnects.
        greeting = Array("retry: 1000\n".utf8) + Self.message(socket.greeting, type: "hello", id: nil)
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
        case .message(let message, let line):
            guard let type = message.type else { return .nothing }
            // Browsers use "error" for a broken connection.
            if case .error = message { return .message(Self.message(line, type: "problem", id: nil)) }
            return .message(Self.message(line, type: type, id: message.seq.map { "\(socket.feedID)-\($0)" }))
        }
    }

    private static func message(_ line: String, type: String, id: String?) -> [UInt8] {
        Array(((id.map { "id: \($0)\n" } ?? "") + "event: \(type)\ndata: \(line)\n\n").utf8)
    }
}
