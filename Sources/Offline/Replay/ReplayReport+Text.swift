import Events
import Foundation
import Recognition
import System
import Text
import Tuning
import XCLIP

extension ReplayReport {
    /// One JSON object. Seconds; what cannot be said is null.
    ///
    /// - Parameter configuration: the file that the stream is of, which `eval` names: it may have several.
    package func json(configuration: String? = nil) -> String {
        var line = JSONLine(type: "replay")
        if let configuration { line.add("configuration", configuration) }
        line.add("stream", stream)
        line.add("model", model)
        line.add("reuse", reuse.rawValue)
        line.add("window_seconds", window.seconds)
        line.add("recordings", outcomes.count)
        line.add("seconds", seconds)
        line.add("events", events)
        line.add("decisions", decisions)
        line.add("exact_passes", exactPasses)
        line.add("int8_passes", frames.int8Passes)
        line.add("frames_encoded", frames.encoded)
        line.add("frames_gated", frames.gated)
        line.add("cpu_seconds", processorSeconds)
        var members = JSONLine()
        let tallies = tallies
        for (index, label) in labels.enumerated() {
            var member = JSONLine()
            member.add("events", label.events)
            member.add("per_hour", perHour(label.events))
            member.add("seconds", label.seconds)
            member.add("top_score", label.topScore)
            member.add("threshold", label.threshold)
            member.add("release", label.release)
            if let learned = label.learned { member.add("auto", learned.line) }
            member.add("suppressed", label.suppressed)
            if let tally = tallies.indices.contains(index) ? tallies[index] : nil {
                member.add("truth", tally.line(seconds: seconds))
                member.add("best", sweeps.first?.labels[index].best?.line(seconds: seconds))
            }
            members.add(label.name, member)
        }
        line.add("labels", members)
        if showsSweep { line.add("sweep", sweeps.map(json)) }
        return line.text
    }

    private func json(_ sweep: Sweep) -> JSONLine {
        var line = JSONLine()
        line.add("window_seconds", sweep.window.seconds)
        var members = JSONLine()
        for (label, sweep) in zip(labels, sweep.labels) {
            members.add(label.name, sweep.rows.map { $0.line(seconds: seconds) })
        }
        line.add("labels", members)
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
                + String(format: "%11.2f%11.2f  ", label.topScore, label.threshold) + label.name
        }
        lines += labels.filter { $0.rules.isLearned }.map(Self.learned)
        lines.append(
            "\(plural(decisions, "decision")), \(exactPasses) exact, \(frames.int8Passes) whole in int8, "
                + "pictures: \(frames.encoded) encoded, \(frames.gated) still; \(String(format: "%.2f s", processorSeconds)) of processor time, live "
                + Self.number(load.map { $0 * 100 }, "%.1f %%", 0) + " of one processor"
        )
        return (lines + truthTable + tables).joined(separator: "\n").escapingLines()
    }

    /// How far the learned threshold of a label came.
    private static func learned(_ label: Label) -> String {
        guard let reading = label.learned, let quiet = reading.quiet else {
            return "\(label.name): threshold auto, not learned yet: it takes "
                + "\(LearnedThreshold.leastWatched.configured) without an event"
        }
        return "\(label.name): threshold auto, \(NumberText.format(reading.threshold)) in the end, "
            + String(format: "for a quiet level of %.1f logits", quiet)
    }

    /// How well the events match the truth now, and at each label's best threshold.
    private var truthTable: [String] {
        let tallies = tallies
        guard let sweep = sweeps.first, !tallies.isEmpty else { return [] }
        let best = zip(sweep.labels, tallies).reduce(into: DetectionTally()) { $0.add($1.0.best?.tally ?? $1.1) }
        let all =
            sweep.labels.count > 1 ? [Self.row(total) + Self.padded("", 12) + Self.row(best) + "  all labels"] : []
        return [
            "", "in force, against the truth" + Self.padded("at the best threshold", 53),
            Self.head + "   threshold" + Self.head + "  label",
        ]
            + zip(labels, zip(sweep.labels, tallies)).map { label, found in
                Self.row(found.1) + Self.padded(found.0.best.map { NumberText.format($0.threshold) } ?? "none", 12)
                    + Self.row(found.0.best?.tally ?? DetectionTally()) + "  " + label.name
            } + all
            + [
                "F1 with its interval at 95 % confidence. A best threshold fits these recordings better than others: `watchword "
                    + "calibrate --events --truth` proposes how far to go there."
            ] + early
    }

    private var early: [String] {
        let names = zip(labels, sweeps.first?.labels ?? []).filter { label, sweep in
            sweep.bestIsOpenAnyway(window: window / .seconds(1) + tolerance)
        }.map(\.0.name)
        guard !names.isEmpty else { return [] }
        return [
            names.joined(separator: ", ")
                + ": at the best threshold events begin long before what happens. They are open anyway, and match by chance."
        ]
    }

    /// All labels together, a line for each configuration that the same recordings were run through.
    package static func comparison(_ reports: [(configuration: String, report: ReplayReport)]) -> String {
        let rows = reports.map { configuration, report in
            row(report.total) + number(report.total.falsePerDay(seconds: report.seconds), "%.0f", 13) + "  "
                + configuration
        }
        return (["-- all labels --", head + "  false a day  configuration"] + rows).joined(separator: "\n")
            .escapingLines()
    }

    private static let head = "  true  precision  recall     F1      (95 %)   delay"

    private static func row(_ tally: DetectionTally) -> String {
        let range = tally.f1Interval.map { String(format: "%.2f-%.2f", $0.low, $0.high) } ?? "–"
        return padded("\(tally.truths)", 6) + number(tally.precision, "%.2f", 11) + number(tally.recall, "%.2f", 8)
            + number(tally.f1, "%.2f", 7) + padded(range, 12) + number(tally.delays.median, "%.1f s", 8)
    }

    /// A table for each label and window: what each threshold gives.
    private var tables: [String] {
        guard showsSweep else { return [] }
        return labels.indices.flatMap { label in
            sweeps.sorted { $0.window < $1.window }.flatMap { table(of: label, $0) }
        }
    }

    private func table(of label: Int, _ sweep: Sweep) -> [String] {
        let isTrue = !truth.isEmpty
        let row = { (row: ThresholdSweep.Row, note: String) in
            Self.padded(NumberText.format(row.threshold), 12) + Self.padded("\(row.events)", 8)
                + (row.tally.map { tally in
                    Self.padded("\(tally.matched)", 6) + Self.number(tally.falsePerDay(seconds: seconds), "%.1f", 13)
                        + Self.number(tally.delays.median, "%.1f s", 8)
                } ?? Self.number(seconds > 0 ? Double(row.events) * 86_400 / seconds : nil, "%.1f", 11)) + note
        }
        let swept = sweep.labels[label]
        let inForce = labels[label].rules.isLearned ? [] : [row(swept.inForce, "  in force")]
        return ["", "\(labels[label].name), window \(sweep.window.configured), the release in the same ratio:"]
            + ["   threshold  events" + (isTrue ? "  true  false a day   delay" : "      a day")]
            + swept.rows.map { row($0, "") } + inForce
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
