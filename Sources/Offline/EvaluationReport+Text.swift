import Events
import Foundation
import Recognition
import Text
import XCLIP

extension EvaluationReport {
    /// One JSON object. Seconds; what cannot be said, such as the precision of no events, is null.
    package var json: String {
        var line = JSONLine(type: "eval")
        line.add("reuse", reuse.rawValue)
        line.add("model", model)
        line.add("streams", streams)
        line.add("stream_seconds", seconds)
        line.add("decisions", decisions)
        line.add("exact_passes", exactPasses)
        line.add("int8_passes", frames.int8Passes)
        line.add("confirms", confirms.line)
        line.add("frames_encoded", frames.encoded)
        line.add("frames_gated", frames.gated)
        line.add("cpu_seconds", processorSeconds)
        var total = tallyLine(total)
        total.add("macro_f1", macroF1)
        line.add("total", total)
        var texts = JSONLine()
        for label in labels { texts.add(label.text, tallyLine(label.tally)) }
        line.add("labels", texts)
        if !sweep.isEmpty { line.add("sweep", sweep.map(sweepLine)) }
        return line.text
    }

    private func tallyLine(_ tally: DetectionTally) -> JSONLine {
        var line = JSONLine()
        line.add("truth_events", tally.truths)
        line.add("emitted_events", tally.emitted)
        line.add("precision", tally.precision)
        line.add("recall", tally.recall)
        line.add("f1", tally.f1)
        line.add("onset_f1", tally.onsetF1)
        line.add("delay_median", tally.delays.median)
        line.add("delay_p95", tally.delays.p95)
        line.add("false_per_hour", falsePerHour(tally))
        return line
    }

    private func sweepLine(_ point: SweepPoint) -> JSONLine {
        var line = JSONLine()
        line.add("threshold", point.threshold)
        line.add("release", point.release)
        line.add("f1", point.total.f1)
        line.add("macro_f1", point.macroF1)
        line.add("onset_f1", point.total.onsetF1)
        line.add("precision", point.total.precision)
        line.add("recall", point.total.recall)
        line.add("false_per_hour", falsePerHour(point.total))
        return line
    }

    /// For people.
    package var text: String {
        var lines = [
            String(
                format: "%@: %d decisions over %.1f s of stream, %d exact passes, %d in int8, %d frames encoded, "
                    + "%d gated, %.2f s of processor time",
                reuse.rawValue,
                decisions,
                seconds,
                exactPasses,
                frames.int8Passes,
                frames.encoded,
                frames.gated,
                processorSeconds
            ),
            "   truth  events  precision  recall     F1  onset F1    delay      p95  false/h  label",
        ]
        lines += labels.map { row($0.tally) + $0.text }
        lines.append(row(total) + "all labels; macro F1 " + Self.ratio(macroF1, width: 0))
        guard !sweep.isEmpty else { return lines.joined(separator: "\n") }
        lines.append("   threshold  release  precision  recall     F1  macro F1  onset F1  false/h")
        for point in sweep {
            lines.append(
                String(format: "        %.2f     %.2f", point.threshold, point.release)
                    + Self.ratio(point.total.precision, width: 11) + Self.ratio(point.total.recall, width: 8)
                    + Self.ratio(point.total.f1, width: 7) + Self.ratio(point.macroF1, width: 10)
                    + Self.ratio(point.total.onsetF1, width: 10) + Self.number(falsePerHour(point.total), "%.1f", 9)
            )
        }
        return lines.joined(separator: "\n")
    }

    private func row(_ tally: DetectionTally) -> String {
        String(format: "%8d%8d", tally.truths, tally.emitted) + Self.ratio(tally.precision, width: 11)
            + Self.ratio(tally.recall, width: 8) + Self.ratio(tally.f1, width: 7)
            + Self.ratio(tally.onsetF1, width: 10) + Self.number(tally.delays.median, "%.2f s", 9)
            + Self.number(tally.delays.p95, "%.2f s", 9) + Self.number(falsePerHour(tally), "%.1f", 9) + "  "
    }

    private static func ratio(_ value: Double?, width: Int) -> String { number(value, "%.3f", width) }

    private static func number(_ value: Double?, _ format: String, _ width: Int) -> String {
        let text = value.map { String(format: format, $0) } ?? "–"
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
