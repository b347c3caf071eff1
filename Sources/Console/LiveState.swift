import EventFeed
import Text

/// What the live view knows, as the lines of the socket tell it. Pure.
struct LiveState {
    struct Label: Equatable {
        var name: String
        var score: Double?
        var threshold: Double?
        /// Since when its event is open; nil while none is.
        var openSince: String?
    }

    struct Stream: Equatable {
        var name: String
        /// online, degraded or offline; nil where it is not known yet.
        var state: String?
        var reason: String?
        var lagSeconds: Double?
        var dropped: Int64?
        var labels: [Label] = []
    }

    /// Of the newest first.
    static let mostRecent = 200

    var version = ""
    var model: String?
    var isConnected = true
    private(set) var streams: [Stream] = []
    /// Lines for people, the newest first.
    private(set) var recent: [String] = []

    /// Takes a line of the socket.
    mutating func take(_ line: JSONValue) {
        switch line["type"]?.string {
        case "hello": begin(line)
        case "status": takeStatus(line)
        case "snapshot":
            for stream in line["streams"]?.array ?? [] { takeHealth(stream) }
            for event in line["open"]?.array ?? [] { takeEvent(event) }
        case "event":
            takeEvent(line)
            note(line)
        case "stream":
            takeHealth(line)
            note(line)
        case "scores": takeScores(line)
        case "gap", "journal": note(line)
        default: break
        }
    }

    /// A connection begins: what is open is told anew.
    private mutating func begin(_ line: JSONValue) {
        isConnected = true
        version = line["version"]?.string ?? ""
        let names = (line["streams"]?.array ?? []).compactMap(\.string)
        streams = names.map { name in
            var stream = streams.first { $0.name == name } ?? Stream(name: name)
            for index in stream.labels.indices { stream.labels[index].openSince = nil }
            return stream
        }
    }

    /// The configuration's streams and labels, in its order, with their thresholds.
    private mutating func takeStatus(_ line: JSONValue) {
        model = line["model"]?.string
        streams = (line["streams"]?.array ?? []).compactMap { told in
            guard let name = told["stream"]?.string else { return nil }
            var stream = streams.first { $0.name == name } ?? Stream(name: name)
            stream.state = told["state"]?.string
            stream.reason = told["reason"]?.string
            stream.lagSeconds = told["lag_seconds"]?.number
            stream.dropped = told["dropped"]?.integer
            guard let labels = told["labels"]?.array else { return stream }
            stream.labels = labels.compactMap { told in
                guard let name = told["label"]?.string else { return nil }
                var label = stream.labels.first { $0.name == name } ?? Label(name: name)
                label.threshold = told["threshold"]?.number
                return label
            }
            return stream
        }
    }

    private mutating func takeHealth(_ line: JSONValue) {
        guard let name = line["stream"]?.string else { return }
        change(name) { stream in
            stream.state = line["state"]?.string
            stream.reason = line["reason"]?.string
        }
    }

    private mutating func takeEvent(_ line: JSONValue) {
        guard let name = line["stream"]?.string, let label = line["label"]?.string else { return }
        let isOpen = line["state"]?.string != "ended"
        change(name) { stream in
            Self.change(label, of: &stream) { label in
                label.threshold = line["threshold"]?.number ?? label.threshold
                label.score = line["score"]?.number ?? label.score
                label.openSince = isOpen ? line["start_time"]?.string : nil
            }
        }
    }

    private mutating func takeScores(_ line: JSONValue) {
        guard let name = line["stream"]?.string, case .object(let scores)? = line["scores"] else { return }
        change(name) { stream in
            for member in scores {
                Self.change(member.key, of: &stream) { $0.score = member.value.number }
            }
        }
    }

    private mutating func note(_ line: JSONValue) {
        recent.insert(contentsOf: EventLines.readable(line), at: 0)
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
