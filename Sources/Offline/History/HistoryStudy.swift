import ConfigurationText
import Events
import Foundation
import Kernels
import Models
import ScoreHistory
package import Settings
import System
package import Text
package import Tuning

/// How well the labels of a stream do on its camera, from the history that the daemon keeps: what `labels --history` does.
package struct HistoryStudy {
    package struct Label: Sendable {
        package let name: String
        /// Nil if the history has nothing of the label as it is now.
        package let standing: LabelStanding?
    }

    package let stream: String
    package let labels: [Label]
    private let temperature: Double

    /// - Throws: `CheckpointError` if the model cannot be read, `OperationError` if there is no history.
    package init(
        _ stream: StreamConfiguration,
        model: String,
        journal: String,
        since: UTCTime,
        warn: (String) -> Void
    ) throws {
        let histories = try StreamHistories(stream, model: model, journal: journal, since: since, warn: warn)
        self.stream = stream.name
        temperature = stream.temperature
        labels = stream.labels.enumerated().map { index, label in
            Label(
                name: label.name,
                standing: histories.labels[index].map {
                    LabelStanding($0, rules: label.rules, temperature: stream.temperature)
                }
            )
        }
    }

    /// A table, for people.
    package var text: String {
        var lines = [
            "\(stream): scores as kept by the daemon",
            "  watched  quiet level  threshold  events a day (95 %)  events' peak  label",
        ]
        for label in labels {
            guard let standing = label.standing else {
                lines.append(
                    Self.padded("–", 9) + Self.padded("", 58) + "  \(label.name): nothing is kept of it as it is now"
                )
                continue
            }
            lines.append(
                Self.padded(CalibrationReport.length(days: standing.watched / .seconds(86_400)), 9)
                    + Self.padded(score(standing.quiet), 13) + Self.padded(score(standing.threshold), 11)
                    + Self.padded(CalibrationReport.interval(standing.rate), 21) + Self.padded(score(standing.peak), 14)
                    + "  \(label.name): \(verdict(standing))"
            )
        }
        if labels.contains(where: { $0.standing != nil && $0.standing?.quiet == nil }) {
            lines.append("A quiet level takes \(LearnedThreshold.leastWatched.configured) of scores without an event.")
        }
        return lines.map { $0.escapingControlCharacters() }.joined(separator: "\n")
    }

    /// One JSON object for each label.
    package var json: [String] {
        labels.map { label in
            var line = JSONLine(type: "label_history")
            line.add("stream", stream)
            line.add("label", label.name)
            let standing = label.standing
            line.add("watched_seconds", standing.map { $0.watched / .seconds(1) })
            line.add("quiet_lead", standing?.quiet)
            line.add("quiet_top_lead", standing?.quietTop)
            line.add("threshold_lead", standing?.threshold)
            line.add("events", standing?.rate.events)
            line.add("per_day", standing?.rate.perDay)
            line.add("least_per_day", standing?.rate.least)
            line.add("most_per_day", standing?.rate.most)
            line.add("peak_lead", standing?.peak)
            line.add("open_share", standing?.open)
            line.add("verdict", standing.map(verdict))
            return line.text
        }
    }

    private func verdict(_ standing: LabelStanding) -> String {
        let above = String(format: "%.1f", (standing.peak ?? 0) - (standing.quiet ?? 0))
        return switch standing.verdict {
        case .useless: "useless here: the quiet scene reaches \(score(standing.quiet))"
        case .constant: String(format: "of the scene itself: open %.0f %% of the time", 100 * standing.open)
        case .doubtful: "doubtful: its events stand only \(above) logits above the quiet scene"
        case .fine where standing.quiet == nil: "its events stand out; too short a history for a quiet level"
        case .fine: "fine: its events stand \(above) logits above the quiet scene"
        case .silent:
            standing.quietTop.map { top in
                "no event: the highest score that held was \(score(top)), "
                    + String(format: "%.1f logits short", standing.threshold - top)
            } ?? "no event: no score was watched for as long as min_duration"
        }
    }

    private func score(_ lead: Double?) -> String {
        guard let lead else { return "–" }
        return NumberText.format(ThresholdCalibration.written(Lead.score(ofLead: lead, temperature: temperature)))
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
