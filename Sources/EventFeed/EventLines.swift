import Foundation
package import Text

/// The lines of the socket as people read them.
package enum EventLines {
    /// None for a line that says nothing to people.
    package static func readable(_ value: JSONValue) -> [String] {
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
