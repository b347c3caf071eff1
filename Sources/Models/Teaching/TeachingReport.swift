import ConfigurationText
import Events
import Foundation
import Recognition
package import Settings
import Text
import XCLIP

/// The effect of examples on one label. Each clip is scored with itself held out.
package struct TeachingReport {
    private let label: LabelConfiguration
    private let temperature: Double
    private let lesson: StreamTeacher.Lesson

    package init(stream: StreamConfiguration, lesson: StreamTeacher.Lesson) {
        label = stream.labels[lesson.label]
        temperature = stream.temperature
        self.lesson = lesson
    }

    /// The share of the background's windows that may score as high as the middle one of the examples.
    private static let mostReached = 0.05

    private var teaching: LabelTeaching { lesson.teaching }
    private var rest: [LabelTeaching.Lead] { teaching.stills + teaching.others + teaching.background }

    private func scores(_ lead: LabelTeaching.Lead) -> (text: Double, taught: Double) {
        (1 / (1 + exp(-lead.text / temperature)), 1 / (1 + exp(-lead.taught / temperature)))
    }

    /// How many leads reach the threshold, by the text and as taught.
    private func reached(_ leads: [LabelTeaching.Lead]) -> (text: Int, taught: Int) {
        let scores = leads.map(scores)
        let threshold = label.rules.threshold
        return (scores.count { $0.text >= threshold }, scores.count { $0.taught >= threshold })
    }

    /// The label's texts in quotes.
    private var texts: String { label.texts.map { "\"\($0.text)\"" }.joined(separator: ", ") }

    /// For people.
    package var text: String {
        let weight = String(format: "%.1f", teaching.taught.weight)
        var lines = [
            "\(label.name): \(texts), \(lesson.clips.count) examples, weight \(weight) "
                + "(0 is the text alone, 1 the examples alone)",
            "  by text  as taught  scores, each example with itself held out",
        ]
        let row = { (lead: LabelTeaching.Lead, name: String) in
            let (text, taught) = scores(lead)
            return String(format: "%9.2f%11.2f  ", text, taught) + name
        }
        for (clip, lead) in zip(lesson.clips, teaching.examples) {
            lines.append(row(lead, (clip.path as NSString).lastPathComponent))
        }
        lines.append(row(Self.highest(teaching.stills), "the highest of their first pictures, held still"))
        if !teaching.others.isEmpty {
            let noun = teaching.others.count == 1 ? "the clip" : "the highest of \(teaching.others.count) clips"
            lines.append(row(Self.highest(teaching.others), "\(noun) of other labels"))
        }
        if !teaching.background.isEmpty {
            let windows = teaching.background.count
            lines.append(row(Self.highest(teaching.background), "the highest of \(windows) windows of the background"))
        }
        let (right, wrong) = (reached(teaching.examples), reached(rest))
        lines += [
            "  reach the threshold \(NumberText.format(label.rules.threshold)): of \(teaching.examples.count) examples "
                + "\(right.text) by the text, \(right.taught) as taught; of \(rest.count) others \(wrong.text) and \(wrong.taught)",
            String(
                format: "  stand apart by %.2f logits by the text, by %.2f as taught",
                teaching.separation.text,
                teaching.separation.taught
            ),
        ]
        lines.append("  " + verdict)
        return lines.map { $0.escapingControlCharacters() }.joined(separator: "\n")
    }

    /// What to do with the examples.
    private var verdict: String {
        switch teaching.refusal {
        case .separation(let separation):
            return String(
                format:
                    "refused, the text decides alone: held out, they are %.2f logits from what is not the label, and need %.1f",
                separation,
                LabelTeaching.leastSeparation
            )
        case .order(let share):
            return String(
                format:
                    "refused, the text decides alone: held out, %.0f %% are above what is not the label, and %.0f %% must be",
                100 * share,
                100 * LabelTeaching.leastOrder
            )
        case nil: break
        }
        guard let threshold else { return "the examples do not help: the text alone separates better" }
        if !standsOut { return "not usable here: the background scores as high as the examples" }
        let reached = { (leads: [LabelTeaching.Lead]) in leads.count { scores($0).taught >= threshold } }
        return
            "threshold: \(NumberText.format(threshold)) takes \(reached(teaching.examples)) of \(teaching.examples.count) "
            + "examples and \(reached(rest)) of \(rest.count) others"
            + (teaching.background.isEmpty ? "; see with --background VIDEO what it does while nothing happens" : "")
    }

    /// Whether the examples stand out from the background, too: the middle one of them is above nearly all of its windows, of
    /// which a day has thousands.
    private var standsOut: Bool {
        let middle = teaching.examples.map(\.taught).sorted()[teaching.examples.count / 2]
        let reached = teaching.background.count { $0.taught >= middle }
        return Double(reached) <= Self.mostReached * Double(teaching.background.count)
    }

    /// The proposed threshold, in hundredths of its distance to 1 where that is small; nil if the examples are not used.
    private var threshold: Double? {
        teaching.proposedLead.map { lead in
            let score = 1 / (1 + exp(-lead / temperature))
            let scale = score < 0.9 ? 100 : pow(10, 1 - log10(max(1 - score, 1e-9)).rounded(.down))
            return (score * scale).rounded() / scale
        }
    }

    /// One JSON object.
    package var json: String {
        var line = JSONLine(type: "teaching")
        line.add("label", label.name)
        line.add("text", label.text)
        if label.texts.count > 1 { line.add("texts", label.texts.map(\.text)) }
        line.add("weight", (Double(teaching.taught.weight) * 10).rounded() / 10)
        line.add("threshold", label.rules.threshold)
        line.add("examples", zip(lesson.clips, teaching.examples).map { Self.line($1, clip: $0.path) })
        line.add("stills", zip(lesson.clips, teaching.stills).map { Self.line($1, clip: $0.path) })
        line.add("others", teaching.others.map { Self.line($0, clip: nil) })
        line.add("background", teaching.background.map { Self.line($0, clip: nil) })
        line.add("separation", Self.line(teaching.separation, clip: nil))
        line.add("refused", teaching.refusal != nil || (threshold != nil && !standsOut))
        line.add("proposed_threshold", threshold)
        line.add("verdict", verdict)
        return line.text
    }

    /// Leads over the background, in logits.
    private static func line(_ lead: LabelTeaching.Lead, clip: String?) -> JSONLine {
        var line = JSONLine()
        if let clip { line.add("clip", clip) }
        line.add("text", lead.text)
        line.add("taught", lead.taught)
        return line
    }

    private static func highest(_ leads: [LabelTeaching.Lead]) -> LabelTeaching.Lead {
        LabelTeaching.Lead(
            text: leads.map(\.text).max() ?? -.infinity,
            taught: leads.map(\.taught).max() ?? -.infinity
        )
    }
}
