import Events
import Foundation
import Recognition
import System
import Text
import XCLIP

extension ReplayReport {
    /// One JSON object. Seconds; what cannot be said is null.
    package var json: String {
        var line = JSONLine(type: "replay")
        line.add("stream", stream)
        line.add("model", model)
        line.add("reuse", reuse.rawValue)
        line.add("window_seconds", window.seconds)
        line.add("recordings", outcomes.count)
        line.add("seconds", seconds)
        line.add("events", events)
        line.add("decisions", decisions)
        line.add("exact_passes", exactPasses)
        line.add("frames_encoded", frames.encoded)
        line.add("frames_gated", frames.gated)
        line.add("cpu_seconds", processorSeconds)
        var members = JSONLine()
        for label in labels {
            var member = JSONLine()
            member.add("events", label.events)
            member.add("per_hour", perHour(label.events))
            member.add("seconds", label.seconds)
            member.add("top_score", label.topScore)
            member.add("threshold", label.rules.threshold)
            member.add("release", label.rules.release)
            member.add("suppressed", label.suppressed)
            members.add(label.name, member)
        }
        line.add("labels", members)
        if !sweeps.isEmpty { line.add("sweep", sweeps.map(json)) }
        return line.text
    }

    private func json(_ sweep: Sweep) -> JSONLine {
        var line = JSONLine()
        line.add("window_seconds", sweep.window.seconds)
        line.add("thresholds", Self.thresholds)
        var members = JSONLine()
        for (label, events) in zip(labels, sweep.events) { members.add(label.name, events) }
        line.add("events", members)
        return line
    }

    /// For people.
    package var text: String {
        let plural = { (count: Int, noun: String) in "\(count) \(noun)\(count == 1 ? "" : "s")" }
        var lines = [
            "\(plural(events, "event")) in \(String(format: "%.1f s", seconds)) of "
                + "\(plural(outcomes.count, "recording")) (stream \(stream), window \(window.configured), \(reuse.rawValue))",
            "   events  per hour        up  top score  threshold  label",
        ]
        lines += labels.map { label in
            String(format: "%9d", label.events) + Self.number(perHour(label.events), "%.1f", 10)
                + Self.number(seconds > 0 ? 100 * label.seconds / seconds : nil, "%.1f %%", 10)
                + String(format: "%11.2f%11.2f  ", label.topScore, label.rules.threshold) + label.name
        }
        lines.append(
            "\(plural(decisions, "decision")), \(exactPasses) exact, pictures: \(frames.encoded) encoded, "
                + "\(frames.gated) still; \(String(format: "%.2f s", processorSeconds)) of processor time, live "
                + Self.number(load.map { $0 * 100 }, "%.1f %%", 0) + " of one processor"
        )
        return (lines + tables).joined(separator: "\n").escapingLines()
    }

    /// One window: a column a label. Several: a table a label with a column a window.
    private var tables: [String] {
        if sweeps.isEmpty { return [] }
        if sweeps.count == 1, let sweep = sweeps.first {
            return table(
                "events against threshold, the release in the same ratio:",
                zip(labels, zip(sweep.events, sweep.present)).map { ($0.name, $1.0, $1.1) }
            )
        }
        let ordered = sweeps.sorted { $0.window < $1.window }
        return labels.indices.flatMap { label in
            table(
                "\(labels[label].name): events against threshold and window, the release in the same ratio:",
                ordered.map { ($0.window.configured, $0.events[label], $0.present[label]) }
            )
        }
    }

    private func table(_ title: String, _ columns: [(name: String, events: [Int], present: Int)]) -> [String] {
        let names = columns.map { $0.name.count > 18 ? $0.name.prefix(17) + "…" : $0.name }
        let widths = names.map { max(7, $0.count + 2) }
        let row = { (head: String, cells: [String]) in
            Self.padded(head, 12) + zip(cells, widths).map { Self.padded($0, $1) }.joined()
        }
        let rows = Self.thresholds.enumerated().map { index, threshold in
            row(String(format: "%.2f", threshold), columns.map { "\($0.events[index])" })
        }
        return ["", title, row("threshold", names)] + rows + [row("as it is", columns.map { "\($0.present)" })]
    }

    private static func number(_ value: Double?, _ format: String, _ width: Int) -> String {
        padded(value.map { String(format: format, $0) } ?? "–", width)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

extension String {
    /// Harmless to a terminal, its own lines kept.
    fileprivate func escapingLines() -> String {
        split(separator: "\n", omittingEmptySubsequences: false).map { String($0).escapingControlCharacters() }
            .joined(separator: "\n")
    }
}
