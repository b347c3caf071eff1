import Text

/// The live view as lines of a screen: a pure function of the state, the screen's size and the time.
struct LiveView {
    var columns: Int
    var rows: Int
    var hasColour: Bool
    /// Whether to draw blocks and dots rather than ASCII characters.
    var hasUnicode: Bool
    var now: UTCTime

    private enum Colour: String {
        case bold = "1"
        case faint = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    /// At most as many lines as the screen has rows, none wider than the screen.
    func lines(of state: LiveState) -> [String] {
        guard rows > 0, columns > 0 else { return [] }
        let streams = state.streams.flatMap { stream($0) }
        // If the streams need more than the rest, a third of the screen is left for recent events.
        let space = max(0, rows - 2)
        let forRecent = min(state.recent.count, max(space - streams.count, space / 3))
        var lines = [header(state)]
        let forStreams = space - forRecent
        if streams.count > forStreams {
            lines += streams.prefix(max(0, forStreams - 1))
            let more = fitted("  \(ellipsis) \(streams.count - forStreams + 1) more lines")
            if forStreams > 0 { lines.append(paint(more, .faint)) }
        } else {
            lines += streams
        }
        if rows > 2 { lines.append(paint(rule("what happened"), .faint)) }
        lines += state.recent.prefix(forRecent).map { fitted($0) }
        if state.recent.isEmpty, rows > 3 { lines.append(paint(fitted("nothing yet"), .faint)) }
        return Array(lines.prefix(rows))
    }

    // MARK: - Parts

    private func header(_ state: LiveState) -> String {
        let model = state.model.map { ", \($0)" } ?? ""
        let count = state.streams.count
        let left = "watchword \(state.version)\(model), \(count) stream\(count == 1 ? "" : "s")"
        guard state.isConnected else { return paint(fitted("\(left): the daemon is gone; waiting for it"), .red) }
        let clock = String(now.description.dropFirst(11).prefix(8)) + " UTC"
        let gap = columns - TextWidth.of(left) - clock.count
        return paint(fitted(gap > 0 ? left + String(repeating: " ", count: gap) + clock : left), .bold)
    }

    private func stream(_ stream: LiveState.Stream) -> [String] {
        let colour: Colour? =
            switch stream.state {
            case "online": .green
            case "degraded": .yellow
            case "offline": .red
            default: nil
            }
        let mark = hasUnicode ? "●" : "*"
        var text = "\(mark) \(stream.name)  \(stream.state ?? "not known yet")"
        if let reason = stream.reason { text += ": \(reason)" }
        if stream.state != "offline", let lag = stream.lagSeconds {
            text += "  lag \(Int((min(max(lag, 0), 1e9) * 1000).rounded())) ms"
        }
        if let dropped = stream.dropped, dropped > 0 { text += "  \(dropped) dropped" }
        return [paint(fitted(text), colour)] + stream.labels.map { label($0) }
    }

    /// Name, score, bar with the threshold's mark, and how long its event has been open.
    private func label(_ label: LiveState.Label) -> String {
        let nameWidth = min(28, max(8, columns / 3))
        let name = TextWidth.padded(clean(label.name), to: nameWidth, ellipsis: ellipsis)
        let score = label.score.map { Self.hundredths($0) } ?? "  – "
        let open = label.openSince.flatMap { since in
            UTCTime(iso8601: since).map { "open \(Self.span(from: $0, to: now))" }
        }
        let barWidth = columns - 2 - nameWidth - 1 - 4 - 1 - 12
        guard barWidth >= 4 else { return fitted("  \(name) \(score) \(open ?? "")") }
        let isUp = label.score.map { $0 >= label.threshold ?? 2 } ?? false
        let bar = paint(bar(label, width: barWidth), open != nil ? .red : isUp ? .yellow : .green)
        return "  \(name) \(score) \(bar) \(open ?? "")"
    }

    private func bar(_ label: LiveState.Label, width: Int) -> String {
        func place(_ value: Double) -> Int { Int((min(max(value, 0), 1) * Double(width)).rounded()) }
        let filled = label.score.map(place) ?? 0
        let mark = label.threshold.map { min(place($0), width - 1) }
        let (full, empty, tick): (Character, Character, Character) = hasUnicode ? ("█", "·", "│") : ("#", ".", "|")
        return String((0..<width).map { $0 == mark ? tick : $0 < filled ? full : empty })
    }

    private func rule(_ title: String) -> String {
        let line: Character = hasUnicode ? "─" : "-"
        let left = String(repeating: line, count: 2) + " \(title) "
        return fitted(left + String(repeating: line, count: max(0, columns - left.count)))
    }

    private var ellipsis: Character { hasUnicode ? "…" : "~" }

    private func clean(_ text: String) -> String { text.escapingControlCharacters() }

    private func fitted(_ text: String) -> String { TextWidth.cut(clean(text), to: columns, ellipsis: ellipsis) }

    private func paint(_ text: String, _ colour: Colour?) -> String {
        guard hasColour, let colour else { return text }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }

    private static func hundredths(_ score: Double) -> String {
        guard score.isFinite else { return "  – " }
        let whole = Int((min(max(score, 0), 1) * 100).rounded())
        return "\(whole / 100).\(whole % 100 < 10 ? "0" : "")\(whole % 100)"
    }

    private static func span(from start: UTCTime, to end: UTCTime) -> String {
        let seconds = max(0, (end.microseconds - start.microseconds) / 1_000_000)
        if seconds < 60 { return "\(seconds) s" }
        return seconds < 3600 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
    }
}
