import Events
import Foundation
import Recognition
import Text

extension AgreementReport {
    private static let scoreShares = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)]

    /// One JSON object. Seconds; what cannot be said is null.
    package var json: String {
        var line = JSONLine(type: "agreement")
        line.add("reuse", level.rawValue)
        line.add("model", model)
        line.add("decisions", drift.decisions)
        line.add("labels", labels)
        var logits = JSONLine()
        let exactDeviation = drift.exactLogits.standardDeviation
        for (name, value) in logitFigures {
            logits.add(name, value)
            logits.add(name + "_in_deviations", drift.inDeviations(value))
        }
        line.add("logit_drift", logits)
        line.add("exact_logit_deviation", exactDeviation)
        var scores = JSONLine()
        for ((name, _), value) in zip(Self.scoreShares, scoreFigures) {
            scores.add(name.replacing(".", with: "_"), value)
        }
        scores.add("max", drift.scoreDrift.largest)
        line.add("score_drift", scores)
        line.add("top1_agreement", drift.topAgreement)
        line.add("crossed_threshold", drift.crossedShare)
        line.add("events", events.emitted)
        line.add("exact_events", events.truths)
        line.add("event_f1", events.onsetF1)
        line.add("onset_shift_median", onsetShift.median)
        line.add("onset_shift_p95", onsetShift.p95)
        line.add("cpu_seconds", processorSeconds)
        line.add("exact_cpu_seconds", exactProcessorSeconds)
        return line.text
    }

    /// For people.
    package var text: String {
        let inDeviations = logitFigures.map { (name: $0.name, value: drift.inDeviations($0.value)) }
        let shares = zip(Self.scoreShares, scoreFigures).map { (name: $0.0, value: $1) }
        return [
            "\(level.rawValue) beside exact: \(drift.decisions) decisions, \(labels) label\(labels == 1 ? "" : "s")",
            "  |Δlogit|                 " + Self.row(logitFigures),
            "    in deviations of exact " + Self.row(inDeviations),
            "  |Δscore|                 " + Self.row(shares),
            "  same highest label       " + Self.percent(drift.topAgreement),
            "  across the threshold     " + Self.percent(drift.crossedShare) + " of label-decisions",
            "  events                   \(events.emitted), exact \(events.truths), F1 within one decision "
                + Self.number(events.onsetF1, "%.3f"),
            "  onset shift              median " + Self.number(onsetShift.median, "%.2f s") + "   p95 "
                + Self.number(onsetShift.p95, "%.2f s"),
            String(
                format: "  processor time           %.2f s, exact %.2f s",
                processorSeconds,
                exactProcessorSeconds
            ),
        ].joined(separator: "\n")
    }

    private var logitFigures: [(name: String, value: Double?)] {
        [
            ("mean", drift.logitDrift.mean), ("p99", drift.logitDrift.quantile(0.99)),
            ("max", drift.logitDrift.largest),
        ]
    }

    /// Of `scoreShares`.
    private var scoreFigures: [Double?] { drift.scoreDrift.quantiles(Self.scoreShares.map(\.1)) }

    private static func row(_ figures: [(name: String, value: Double?)]) -> String {
        figures.map { $0.name + " " + number($0.value, "%.4f") }.joined(separator: "   ")
    }

    private static func percent(_ share: Double?) -> String { number(share.map { $0 * 100 }, "%.2f %%") }

    private static func number(_ value: Double?, _ format: String) -> String {
        value.map { String(format: format, $0) } ?? "–"
    }
}
