import ConfigurationText
import Events
import Foundation
import Models
import ScoreHistory
package import Settings
import System
package import Text
import Tuning

/// Why a label had, or had not, an event at a moment, from the history that the daemon keeps: what `why` does.
package struct HistoryReview {
    private let stream: StreamConfiguration
    private let label: LabelConfiguration
    private let time: UTCTime
    private let review: DecisionReview

    /// How far around the moment scores are shown.
    package static let around = Duration.seconds(15)

    /// - Throws: `CheckpointError` if the model cannot be read, `OperationError` if the stream has no such label, or there is no
    ///   history of it.
    package init(
        _ stream: StreamConfiguration,
        label name: String,
        at time: UTCTime,
        around: Duration,
        model: String,
        journal: String,
        warn: (String) -> Void
    ) throws {
        guard let index = stream.labels.firstIndex(where: { $0.name == name || $0.texts.contains { $0.text == name } })
        else {
            throw OperationError(
                "the stream \(stream.name) has no label \"\(name)\" that the model scores; it has "
                    + (stream.labels.isEmpty
                        ? "only signals, of which no scores are kept"
                        : stream.labels.map(\.name).joined(separator: ", "))
            )
        }
        self.stream = stream
        self.time = time
        label = stream.labels[index]
        let histories = try StreamHistories(
            stream,
            model: model,
            journal: journal,
            since: time - LearnedThreshold.memory,
            warn: { _ in }
        )
        guard let history = histories.labels[index] else {
            throw OperationError(
                "the history has nothing of \(label.name) as it is now: it begins anew when the label's text, the background, the "
                    + "window, the picture's crop or the model changes"
            )
        }
        review = DecisionReview(
            time - around..<time + around,
            of: history,
            rules: label.rules,
            temperature: stream.temperature
        )
    }

    /// For people: the scores, then what happened.
    package var text: String {
        let source = label.rules.isLearned ? "auto" : "as configured now"
        let threshold = "threshold \(score(review.threshold)) (\(source))"
        var lines = [
            "\(stream.name), \(label.name), \(time): \(threshold), release \(NumberText.format(review.rules.release))"
        ]
        // A line for each decision is too much for a long span.
        let step = max(1, review.samples.count / 60)
        for (index, sample) in review.samples.enumerated() where index % step == 0 {
            let bar = String(repeating: "#", count: min(40, max(0, Int((sample.lead + 10) * 2))))
            let mark = sample.lead >= review.threshold ? "*" : " "
            lines.append(
                "  \(sample.time) \(mark) " + String(format: "%7.2f ", sample.lead) + Self.padded(score(sample.lead), 9)
                    + "  \(bar)"
            )
        }
        return (lines + [finding]).map { $0.escapingControlCharacters() }.joined(separator: "\n")
    }

    /// One JSON object.
    package var json: String {
        var line = JSONLine(type: "why")
        line.add("stream", stream.name)
        line.add("label", label.name)
        line.add("time", time)
        line.add("threshold", review.rules.threshold)
        line.add("release", review.rules.release)
        line.add("threshold_lead", review.threshold)
        line.add(
            "scores",
            review.samples.map { sample in
                var member = JSONLine()
                member.add("time", sample.time)
                member.add("lead", sample.lead)
                return member
            }
        )
        line.add("finding", finding)
        return line.text
    }

    private var finding: String {
        let rules = review.rules
        return switch review.finding {
        case .unwatched: "Nothing was decided then: the stream was not watched, or its window was not full."
        case .minutes(let peak, let held):
            "Of that time only a summary of each minute is kept: the highest score was \(score(peak)), and \(score(held)) held for "
                + "min_duration, "
                + (held >= review.threshold
                    ? "at the threshold or above it: an event was possible." : "below the threshold.")
        case .event(let start, let end, let top):
            "An event was open from \(start) to \(end.map { "\($0)" } ?? "the end of the history"), with the top score "
                + "\(NumberText.format(top))."
        case .short(let top, let at, let by):
            "The highest score was \(score(top)) at \(at): short of the threshold by "
                + String(format: "%.2f logits.", by)
        case .brief(let top, let at, let held):
            "The score reached \(score(top)) at \(at), but it was at the threshold or above it "
                + (held > .zero ? "for \(held.configured) only" : "in one decision only")
                + ": min_duration is \(rules.minDuration.configured)."
        case .cooldown(let top, let at, let after):
            "The score reached \(score(top)) at \(at), \(after.configured) after an event had ended: the cooldown of "
                + "\(rules.cooldown.configured) held it back."
        }
    }

    private func score(_ lead: Double) -> String {
        NumberText.format(ThresholdCalibration.written(Lead.score(ofLead: lead, temperature: stream.temperature)))
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
