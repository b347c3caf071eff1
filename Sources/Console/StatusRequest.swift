import EventFeed
import Foundation
import System
import Text

/// The work of `watchword status`: the daemon's answer to `{"status":{}}`, as it is or as lines for people.
package enum StatusRequest {
    /// How long to wait for the daemon's answer.
    private static let patience = Duration.seconds(60)

    /// Asks the daemon that serves the socket at `path` for its status line.
    ///
    /// - Throws: `FeedError` if no daemon listens there, `OperationError` if it does not answer or does not know the
    ///   request.
    package static func line(path: String) throws -> String {
        let client = try FeedClient(connectingTo: path)
        try client.requestStatus()
        let deadline = Instant.now + patience
        while case .message(let message, let line) = try client.next(within: max(.zero, deadline - .now)) {
            switch message {
            case .status: return line
            case .error(let refusal): throw OperationError("\(path): \(refusal.message ?? "the request is refused")")
            default: continue
            }
        }
        throw OperationError(
            "\(path): the daemon does not answer the request for its status; is it stopping, or of an older version?"
        )
    }

    /// How the model's steps are computed; nothing for a daemon of an older version.
    private static func precision(_ value: JSONValue) -> String {
        guard let precision = value["precision"]?.string, let kernels = value["kernels"]?.string else { return "" }
        return " in \(precision) (\(kernels))"
    }

    /// Says if the model's windows have another number of frames than it was trained for.
    private static func interpolation(_ value: JSONValue) -> String {
        guard value["trained_frames"]?.number != nil else { return "" }
        return " at \(number(value, "frames")) frames a window, interpolated from \(number(value, "trained_frames"))"
    }

    /// The status as lines for people.
    package static func readable(_ line: String) -> [String] {
        guard let value = try? JSONValue(parsing: line) else { return [line] }
        var lines = [
            "watchword \(text(value, "version")), process \(number(value, "pid")), up "
                + span(value["uptime_seconds"]?.number ?? 0),
            "model \(text(value, "model"))\(precision(value))\(interpolation(value)), "
                + "\(decimal(value["frames_per_second"])) frames a second on \(number(value, "threads")) threads",
        ]
        if let slowness = value["slowness"]?.string { lines.append("  " + slowness) }
        lines += configuration(value["configuration"]) + feed(value)
        let open = value["open"]?.array ?? []
        for stream in value["streams"]?.array ?? [] {
            let name = text(stream, "stream")
            lines += [""] + self.stream(stream)
            lines += open.filter { $0["stream"]?.string == name }.map { event in
                "  open    \(text(event, "label"))  score \(decimal(event["score"], 2))  since "
                    + text(event, "start_time")
            }
        }
        return lines.map { $0.escapingControlCharacters() }
    }

    private static func configuration(_ value: JSONValue?) -> [String] {
        guard let value else { return [] }
        var lines = ["configuration \(text(value, "file"))"]
        if let time = value["last_reload"]?.string {
            let failed = value["reload_ok"] == .bool(true) ? "" : "FAILED, the old one holds: "
            lines.append("  reload at \(time) \(failed)\(text(value, "reload_message"))")
        }
        let waiting = (value["restart_needed"]?.array ?? []).compactMap(\.string)
        if !waiting.isEmpty { lines.append("  waits for a restart: \(waiting.joined(separator: ", "))") }
        return lines
    }

    private static func feed(_ value: JSONValue) -> [String] {
        let feed = value["feed"]
        var line = "feed      record \(number(feed, "seq_last")), \(number(feed, "subscribers")) connected"
        if let journal = value["journal"], let state = journal["state"]?.string {
            line += ", journal \(state)" + (journal["reason"]?.string.map { ": \($0)" } ?? "")
        } else {
            line += ", no journal"
        }
        var lines = [line]
        if let mqtt = value["mqtt"], mqtt["state"]?.string != nil { lines.append("mqtt      \(receiver(mqtt))") }
        for webhook in value["webhooks"]?.array ?? [] {
            let refused = webhook["refused"]?.integer ?? 0
            let suffix = refused > 0 ? ", \(refused) refused" : ""
            lines.append("webhook   \(text(webhook, "name")) \(receiver(webhook))\(suffix)")
        }
        return lines
    }

    /// How a receiver of the feed fares.
    private static func receiver(_ value: JSONValue) -> String {
        let reason = value["reason"]?.string.map { ": \($0)" } ?? ""
        return "\(text(value, "state"))\(reason), delivered up to record \(number(value, "seq"))"
    }

    private static func stream(_ value: JSONValue) -> [String] {
        let reason = value["reason"]?.string.map { ": \($0)" } ?? ""
        var source = text(value, "url")
        if let codec = value["codec"]?.string {
            source += "  \(codec) \(number(value, "width"))x\(number(value, "height"))"
            if let rate = value["rate"]?.number { source += String(format: " at %.4g/s", rate) }
        }
        let pictures = value["pictures"]?.number ?? 0
        let still = value["still"]?.number ?? 0
        let seen = max(1, still + (value["encoded"]?.number ?? 0))
        let int8 = value["int8_passes"]?.integer ?? 0
        let exact =
            "exact \(number(value, "exact_passes")) (\(number(value, "confirmed")) to confirm, "
            + "\(number(value, "audited")) audits)" + (int8 > 0 ? ", whole in int8 \(int8)" : "")
        var lines = [
            "\(text(value, "stream"))  \(text(value, "state"))\(reason)",
            "  source  \(source), connection \(number(value, "connections"))",
            "  view    \(text(value, "view"))" + sight(value["seen"]),
            String(format: "  pictures %.0f, still %.0f %%, dropped ", pictures, 100 * still / seen)
                + number(value, "dropped"),
            "  decisions \(number(value, "decisions")), lag \(decimal(value["lag_seconds"], 3)) s, \(exact), "
                + "largest drift \(decimal(value["largest_drift"], 3)), band \(decimal(value["band"], 3))",
        ]
        let crashes = value["crashes"]?.integer ?? 0
        if crashes > 0 { lines.append("  crashes of its capture process: \(crashes)") }
        if let confinement = value["confined_by"]?.string, let lack = confinement.firstRange(of: "; without ") {
            lines.append("  not confined in: \(confinement[lack.upperBound...])")
        }
        let hanging = value["left_behind"]?.integer ?? 0
        if hanging > 0 { lines.append("  attempts that hang in a call: \(hanging)") }
        return lines
    }

    private static func sight(_ value: JSONValue?) -> String {
        guard let value, let share = value["share"]?.number else { return "" }
        let parts = (value["parts"]?.array ?? []).compactMap { $0["part"]?.string }
        let places = parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
        return String(format: ", sees %.0f %% of the picture", 100 * share) + places
    }

    private static func span(_ seconds: Double) -> String {
        let whole = Int(seconds.isFinite ? min(max(seconds, 0), 1e9) : 0)
        let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60)
        if days > 0 { return "\(days) d \(hours) h" }
        return hours > 0 ? "\(hours) h \(minutes) min" : minutes > 0 ? "\(minutes) min" : "\(whole) s"
    }

    private static func text(_ value: JSONValue?, _ key: String) -> String { value?[key]?.string ?? "?" }
    private static func number(_ value: JSONValue?, _ key: String) -> String {
        value?[key]?.integer.map(String.init) ?? "?"
    }
    private static func decimal(_ value: JSONValue?, _ digits: Int = 1) -> String {
        value?.number.map { String(format: "%.\(digits)f", $0) } ?? "?"
    }
}
