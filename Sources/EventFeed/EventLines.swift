package import Events
import Foundation
import System
import Text

/// The messages of the event socket as lines for people.
package enum EventLines {
    /// The lines for a message; none if it says nothing to people.
    package static func readable(_ message: FeedMessage) -> [String] {
        switch message {
        case .event(let event): return [EventText(event).line]
        case .stream(let health): return [line(health)]
        case .owner(let owner): return [line(owner)]
        case .snapshot(let snapshot): return snapshot.streams.map(line) + snapshot.open.map { EventText($0).line }
        case .gap(let lost): return ["-- records \(lost.lowerBound) to \(lost.upperBound) are no longer kept --"]
        case .journal(let journal):
            let reason = journal.reason.map { ": \($0)" } ?? ""
            return ["-- the journal is \(journal.state ?? "?")\(reason) --"]
        case .scores(let scores): return [line(scores)]
        case .hello, .status, .error, .unknown: return []
        }
    }

    /// The line for an event's record.
    package static func readable(_ event: LabelEvent) -> String { EventText(event).line }

    private static func line(_ health: FeedMessage.Health) -> String {
        let reason = health.reason.map { " (\($0))" } ?? ""
        return "\(clock(health.since))  \(health.stream ?? "?")  is \(health.state ?? "?")\(reason)"
    }

    private static func line(_ owner: FeedMessage.Owner) -> String {
        let before = owner.previous.map { ", before by \($0)" } ?? ""
        return "\(clock(owner.time))  \(owner.stream ?? "?")  is watched by \(owner.host ?? "?")\(before)"
    }

    private static func line(_ scores: FeedMessage.Scores) -> String {
        guard let entries = scores.entries else { return "" }
        let texts = entries.map { "\($0.label) \(String(format: "%.2f", $0.score ?? 0))" }
        return "\(clock(scores.time))  \(scores.stream ?? "?")  \(texts.joined(separator: "  "))"
    }

    /// The time of day of an ISO 8601 time.
    fileprivate static func clock(_ time: String?) -> String {
        guard let time, let start = time.firstIndex(of: "T") else { return "--:--:--" }
        return String(time[time.index(after: start)...].prefix(8))
    }
}

/// The parts of an event's record that its line shows.
private struct EventText {
    var time: String?
    var stream: String?
    var state: String?
    var label: String?
    var part: String?
    var score: Double?
    var topScore: Double?
    /// Seconds.
    var duration: Double?
    var endReason: String?
    var isLate = false

    init(_ event: FeedMessage.Event) {
        time = event.time
        stream = event.stream
        state = event.state
        label = event.label
        part = event.part
        score = event.score
        topScore = event.topScore
        duration = event.duration
        endReason = event.endReason
        isLate = event.isLate
    }

    init(_ event: LabelEvent) {
        time = event.time.description
        stream = event.stream
        state = event.state.rawValue
        label = event.label
        part = event.part?.rawValue
        score = event.score
        topScore = event.topScore
        duration = event.duration?.seconds
        endReason = event.endReason?.rawValue
    }

    var line: String {
        var line = "\(EventLines.clock(time))  \(stream ?? "?")  \(state ?? "?")  \(label ?? "?")"
        if let part { line += ", \(part)" }
        line += "  score \(String(format: "%.2f", score ?? 0))"
        if state != "started" { line += String(format: "  top %.2f", topScore ?? 0) }
        if state == "ended" {
            line += String(format: "  after %.1f s", duration ?? 0)
            line += "  (\(endReason ?? "?"))"
        }
        return isLate ? line + "  late" : line
    }
}
