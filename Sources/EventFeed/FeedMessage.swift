package import Text

/// A line that the server sends, as a client reads it.
///
/// A member that a line lacks is nil, and `value` keeps unknown members: a client must read the lines of other
/// versions.
package enum FeedMessage: Sendable, Equatable {
    /// The first line of a connection.
    case hello(Hello)
    /// The answer to a subscription.
    case snapshot(Snapshot)
    case event(Event)
    case stream(Health)
    /// In the feed of a fleet: another host watches the stream from here on.
    case owner(Owner)
    case scores(Scores)
    /// The state of the journal has changed.
    case journal(JournalState)
    /// The numbers of records that are no longer kept.
    case gap(ClosedRange<UInt64>)
    /// The answer to a request for the status.
    case status(JSONValue)
    case error(Refusal)
    /// A line of a type that this version does not know, or without one.
    case unknown(type: String?)

    package enum ErrorCode: String, Sendable {
        /// The server does not understand the request.
        case badRequest = "bad_request"
        /// `since` is greater than the number of the last record.
        case sinceAhead = "since_ahead"
        case lineTooLong = "line_too_long"
        case tooManyClients = "too_many_clients"
        case tooSlow = "too_slow"
    }

    package struct Hello: Sendable, Equatable {
        package let value: JSONValue

        package var version: String? { value["version"]?.string }
        /// Names the numbering of the records.
        package var feedID: String? { value["feed_id"]?.string }
        /// The oldest record that is kept.
        package var seqFirst: UInt64? { value.sequenceNumber("seq_first") }
        package var seqLast: UInt64? { value.sequenceNumber("seq_last") }
        /// The names of the configured streams.
        package var streams: [String] { (value["streams"]?.array ?? []).compactMap(\.string) }
    }

    /// The state of the feed at one moment.
    package struct Snapshot: Sendable, Equatable {
        /// The last record at that moment.
        package let seq: UInt64?
        /// The last record of each open event, in the order of their starts.
        package let open: [Event]
        /// The last record of each stream.
        package let streams: [Health]
    }

    /// A record of an event's life.
    package struct Event: Sendable, Equatable {
        package let value: JSONValue

        package var seq: UInt64? { value.sequenceNumber("seq") }
        package var id: String? { value["id"]?.string }
        /// `started`, `updated` or `ended`.
        package var state: String? { value["state"]?.string }
        package var isOpen: Bool { state != "ended" }
        package var stream: String? { value["stream"]?.string }
        package var label: String? { value["label"]?.string }
        /// Where in the picture; nil if the picture has one part.
        package var part: String? { value["part"]?.string }
        package var score: Double? { value["score"]?.number }
        package var topScore: Double? { value["top_score"]?.number }
        package var threshold: Double? { value["threshold"]?.number }
        /// ISO 8601.
        package var startTime: String? { value["start_time"]?.string }
        /// Seconds; nil while the event is open.
        package var duration: Double? { value["duration"]?.number }
        package var endReason: String? { value["end_reason"]?.string }
        /// In the feed of a fleet: whether it came after another host had the stream.
        package var isLate: Bool { value["late"] == true }
        /// When the record was made, as ISO 8601.
        package var time: String? { value["time"]?.string }
        /// The claim of a fleet's camera under which it was made.
        package var epoch: UInt64? { value.sequenceNumber("epoch") }
    }

    /// A record of a stream's health.
    package struct Health: Sendable, Equatable {
        package let value: JSONValue

        package var seq: UInt64? { value.sequenceNumber("seq") }
        package var stream: String? { value["stream"]?.string }
        /// `online`, `degraded` or `offline`.
        package var state: String? { value["state"]?.string }
        package var reason: String? { value["reason"]?.string }
        /// When the state began, as ISO 8601.
        package var since: String? { value["since"]?.string }
        /// As an event's.
        package var epoch: UInt64? { value.sequenceNumber("epoch") }
    }

    /// The first record of a host that watches a stream of the fleet.
    package struct Owner: Sendable, Equatable {
        package let value: JSONValue

        package var seq: UInt64? { value.sequenceNumber("seq") }
        package var stream: String? { value["stream"]?.string }
        package var host: String? { value["host"]?.string }
        /// The host that watched it before; nil if none did.
        package var previous: String? { value["previous"]?.string }
        /// ISO 8601.
        package var time: String? { value["time"]?.string }
    }

    /// The scores of one decision.
    package struct Scores: Sendable, Equatable {
        package struct Entry: Sendable, Equatable {
            package let label: String
            package let score: Double?
        }

        package let stream: String?
        /// The time of the newest frame of the window, as ISO 8601.
        package let time: String?
        /// Nil if the line has no scores.
        package let entries: [Entry]?
    }

    package struct JournalState: Sendable, Equatable {
        /// `ok` or `degraded`.
        package let state: String?
        package let reason: String?
    }

    /// Why the server refuses a request or closes the connection.
    package struct Refusal: Sendable, Equatable {
        /// Nil for a code that this version does not know.
        package let code: ErrorCode?
        package let message: String?
    }

    /// Reads a line of the event socket.
    package init(parsing line: String) throws(JSONSyntaxError) {
        self.init(try JSONValue(parsing: line))
    }

    package init(_ value: JSONValue) {
        let type = value["type"]?.string
        switch type {
        case "hello": self = .hello(Hello(value: value))
        case "snapshot":
            let open = (value["open"]?.array ?? []).map { Event(value: $0) }
            let streams = (value["streams"]?.array ?? []).map { Health(value: $0) }
            self = .snapshot(Snapshot(seq: value.sequenceNumber("seq"), open: open, streams: streams))
        case "event": self = .event(Event(value: value))
        case "stream": self = .stream(Health(value: value))
        case "owner": self = .owner(Owner(value: value))
        case "scores": self = .scores(Scores(value))
        case "journal":
            self = .journal(JournalState(state: value["state"]?.string, reason: value["reason"]?.string))
        case "status": self = .status(value)
        case "error":
            let code = value["code"]?.string.flatMap(ErrorCode.init(rawValue:))
            self = .error(Refusal(code: code, message: value["message"]?.string))
        case "gap":
            guard let from = value.sequenceNumber("from"), let to = value.sequenceNumber("to"), from <= to else {
                self = .unknown(type: type)
                return
            }
            self = .gap(from...to)
        default: self = .unknown(type: type)
        }
    }

    /// The `type` of the line.
    package var type: String? {
        switch self {
        case .hello: "hello"
        case .snapshot: "snapshot"
        case .event: "event"
        case .stream: "stream"
        case .owner: "owner"
        case .scores: "scores"
        case .journal: "journal"
        case .gap: "gap"
        case .status: "status"
        case .error: "error"
        case .unknown(let type): type
        }
    }

    /// The number of the record; nil if the message is not one.
    package var seq: UInt64? {
        switch self {
        case .event(let event): event.seq
        case .stream(let health): health.seq
        case .owner(let owner): owner.seq
        default: nil
        }
    }
}

extension FeedMessage {
    /// The claim of a fleet's camera under which the record was made; nil for others.
    package var epoch: UInt64? {
        switch self {
        case .event(let event): event.epoch
        case .stream(let health): health.epoch
        default: nil
        }
    }

    /// Whether a fleet has the record from a host that had lost the camera: it says nothing of the present.
    package var isLate: Bool {
        switch self {
        case .event(let event): event.isLate
        case .stream(let health): health.value["late"] == true
        default: false
        }
    }
}

extension FeedMessage.Scores {
    fileprivate init(_ value: JSONValue) {
        stream = value["stream"]?.string
        time = value["time"]?.string
        if case .object(let members)? = value["scores"] {
            entries = members.map { Entry(label: $0.key, score: $0.value.number) }
        } else {
            entries = nil
        }
    }
}

extension JSONValue {
    fileprivate func sequenceNumber(_ key: String) -> UInt64? { self[key]?.integer.flatMap { UInt64(exactly: $0) } }
}
