import EventFeed
import Events
import Foundation

/// What `watchword events` shows: the lines of the socket, as they are or as people read them.
public struct EventLines {
    public struct Filter: Sendable {
        public var streams: [String] = []
        public var labels: [String] = []
        public var since: Int?
        public var scores = false

        public init() {}

        /// The subscribe request. Without any wish it still asks for the snapshot of what is open.
        var request: String {
            var inner = JSONLine()
            inner.add("types", ["event", "stream", "journal"] + (scores ? ["scores"] : []))
            if !streams.isEmpty { inner.add("streams", streams) }
            if !labels.isEmpty { inner.add("labels", labels) }
            if let since { inner.add("since", since) }
            var line = JSONLine()
            line.add("subscribe", inner)
            return line.text
        }
    }

    /// Reads the socket at `path` and hands each line to `body` until the daemon closes the connection or `body` returns
    /// false.
    ///
    /// - Throws: `FeedError` where no daemon listens there, `OperationError` where it refuses the request or ends.
    public static func follow(path: String, filter: Filter, json: Bool, _ body: (String) -> Bool) throws {
        var client = try FeedClient(connectingTo: path)
        try client.send(filter.request)
        while case .line(let line) = try client.nextLine() {
            // Where the past is asked for it tells all that the snapshot would.
            if !json, filter.since != nil, line.hasPrefix(#"{"type":"snapshot""#) { continue }
            for shown in json ? [line] : readable(line).map({ $0.escapingControlCharacters() }) where !body(shown) {
                return
            }
            if let refusal = refusal(line) { throw OperationError("\(path): \(refusal)") }
        }
        throw OperationError("\(path): the daemon closed the connection; has it stopped?")
    }

    /// What an error line says: the request was refused, or we read too slowly.
    private static func refusal(_ line: String) -> String? {
        guard let value = try? JSONValue(parsing: line), value["type"]?.string == "error" else { return nil }
        return text(value["message"])
    }

    /// A line of the socket as lines for people.
    static func readable(_ line: String) -> [String] {
        guard let value = try? JSONValue(parsing: line) else { return [line] }
        return readable(value)
    }

    private static func readable(_ value: JSONValue) -> [String] {
        switch value["type"]?.string {
        case "event": return [event(value)]
        case "stream":
            let reason = value["reason"]?.string.map { " (\($0))" } ?? ""
            return ["\(clock(value["since"]))  \(text(value["stream"]))  is \(text(value["state"]))\(reason)"]
        case "snapshot":
            let states = (value["streams"]?.array ?? []) + (value["open"]?.array ?? [])
            return states.flatMap { readable($0) }
        case "gap": return ["-- records \(number(value["from"])) to \(number(value["to"])) are no longer kept --"]
        case "journal":
            let reason = value["reason"]?.string.map { ": \($0)" } ?? ""
            return ["-- the journal is \(text(value["state"]))\(reason) --"]
        case "scores": return [scores(value)]
        default: return []
        }
    }

    private static func event(_ value: JSONValue) -> String {
        let state = text(value["state"])
        let score = String(format: "%.2f", value["score"]?.number ?? 0)
        var line =
            "\(clock(value["time"]))  \(text(value["stream"]))  \(state)  \(text(value["label"]))  score \(score)"
        if state != "started" { line += String(format: "  top %.2f", value["top_score"]?.number ?? 0) }
        if state == "ended" {
            line += String(format: "  after %.1f s", value["duration"]?.number ?? 0)
            line += "  (\(text(value["end_reason"])))"
        }
        return line
    }

    private static func scores(_ value: JSONValue) -> String {
        guard case .object(let members) = value["scores"] else { return "" }
        let scores = members.map { "\($0.key) \(String(format: "%.2f", $0.value.number ?? 0))" }
        return "\(clock(value["time"]))  \(text(value["stream"]))  \(scores.joined(separator: "  "))"
    }

    /// The time of day of an ISO 8601 time.
    private static func clock(_ value: JSONValue?) -> String {
        guard let time = value?.string, let start = time.firstIndex(of: "T") else { return "--:--:--" }
        return String(time[time.index(after: start)...].prefix(8))
    }

    private static func text(_ value: JSONValue?) -> String { value?.string ?? "?" }
    private static func number(_ value: JSONValue?) -> String { value?.integer.map(String.init) ?? "?" }
}
