import EventFeed
import Text

/// The state that the live view shows, built from the messages of the socket. Pure.
struct LiveState {
    struct Label: Equatable {
        var name: String
        var score: Double?
        var threshold: Double?
        /// When its open event started, as ISO 8601; nil while no event is open.
        var openSince: String?
    }

    struct Stream: Equatable {
        var name: String
        /// `online`, `degraded` or `offline`; nil while it is not known yet.
        var state: String?
        var reason: String?
        var lagSeconds: Double?
        var dropped: Int64?
        var labels: [Label] = []
    }

    /// The most lines in `recent`.
    static let mostRecent = 200

    var version = ""
    var model: String?
    var isConnected = true
    private(set) var streams: [Stream] = []
    /// Lines for people, the newest first.
    private(set) var recent: [String] = []

    /// Takes a message of the socket.
    mutating func take(_ message: FeedMessage) {
        switch message {
        case .hello(let hello): begin(hello)
        case .status(let status): takeStatus(status)
        case .snapshot(let snapshot):
            for health in snapshot.streams { takeHealth(health) }
            for event in snapshot.open { takeEvent(event) }
        case .event(let event):
            takeEvent(event)
            note(message)
        case .stream(let health):
            takeHealth(health)
            note(message)
        case .scores(let scores): takeScores(scores)
        case .gap, .journal: note(message)
        case .owner, .error, .unknown: break
        }
    }

    /// A connection begins: a snapshot follows with the events that are open.
    private mutating func begin(_ hello: FeedMessage.Hello) {
        isConnected = true
        version = hello.version ?? ""
        streams = hello.streams.map { name in
            var stream = streams.first { $0.name == name } ?? Stream(name: name)
            for index in stream.labels.indices { stream.labels[index].openSince = nil }
            return stream
        }
    }

    /// Takes the configuration's streams and labels, in its order, with their thresholds.
    private mutating func takeStatus(_ line: JSONValue) {
        model = line["model"]?.string
        streams = (line["streams"]?.array ?? []).compactMap { member in
            guard let name = member["stream"]?.string else { return nil }
            var stream = streams.first { $0.name == name } ?? Stream(name: name)
            stream.state = member["state"]?.string
            stream.reason = member["reason"]?.string
            stream.lagSeconds = member["lag_seconds"]?.number
            stream.dropped = member["dropped"]?.integer
            guard let labels = member["labels"]?.array else { return stream }
            stream.labels = labels.compactMap { member in
                guard let name = member["label"]?.string else { return nil }
                var label = stream.labels.first { $0.name == name } ?? Label(name: name)
                label.threshold = member["threshold"]?.number
                return label
            }
            return stream
        }
    }

    private mutating func takeHealth(_ health: FeedMessage.Health) {
        guard let name = health.stream else { return }
        change(name) { stream in
            stream.state = health.state
            stream.reason = health.reason
        }
    }

    private mutating func takeEvent(_ event: FeedMessage.Event) {
        guard let name = event.stream, let label = event.label else { return }
        change(name) { stream in
            Self.change(label, of: &stream) { label in
                label.threshold = event.threshold ?? label.threshold
                label.score = event.score ?? label.score
                label.openSince = event.isOpen ? event.startTime : nil
            }
        }
    }

    private mutating func takeScores(_ scores: FeedMessage.Scores) {
        guard let name = scores.stream, let entries = scores.entries else { return }
        change(name) { stream in
            for entry in entries { Self.change(entry.label, of: &stream) { $0.score = entry.score } }
        }
    }

    private mutating func note(_ message: FeedMessage) {
        recent.insert(contentsOf: EventLines.readable(message), at: 0)
        recent.removeLast(max(0, recent.count - Self.mostRecent))
    }

    private mutating func change(_ name: String, _ body: (inout Stream) -> Void) {
        guard let index = streams.firstIndex(where: { $0.name == name }) else {
            var stream = Stream(name: name)
            body(&stream)
            streams.append(stream)
            return
        }
        body(&streams[index])
    }

    private static func change(_ name: String, of stream: inout Stream, _ body: (inout Label) -> Void) {
        guard let index = stream.labels.firstIndex(where: { $0.name == name }) else {
            var label = Label(name: name)
            body(&label)
            stream.labels.append(label)
            return
        }
        body(&stream.labels[index])
    }
}
