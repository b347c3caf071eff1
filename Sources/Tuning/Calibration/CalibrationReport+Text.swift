import Events
import Foundation
import Text

extension CalibrationReport {
    /// For people, then the diff. Every line before the diff begins with `# `, which `patch` passes over.
    package var text: String {
        var lines = [
            "stream \(stream): \(footage), window \(window.configured), \(reuse); wanted: at most "
                + "\(Self.figure(falsePerDay)) false event\(falsePerDay == 1 ? "" : "s") a day",
            "",
            "                  in force: false events                 proposed: false events",
            "  threshold   lead   seen       a day (95 %)    threshold   lead       a day (95 %)   evidence  label",
        ]
        lines += labels.map { row($0) + proposal($0.proposal) + $0.name }
        return patch.text(after: lines + [""] + notes)
    }

    private var footage: String {
        let recorded = "\(recordings) recording\(recordings == 1 ? "" : "s")"
        let parts = (recordings > 0 ? [recorded] : []) + (historySeconds > 0 ? ["the history"] : [])
        return "\(Self.length(days: seconds / 86_400)) from \(parts.joined(separator: " and ")), taken as quiet"
    }

    private var notes: [String] {
        var notes = [
            "`a day` is the interval that the footage leaves open for the rate, with 95 % confidence. `shown`: its upper end is what "
                + "was wanted."
        ]
        if labels.contains(where: { $0.proposal.basis != .shown }) {
            notes.append(
                "\(Self.length(days: seconds / 86_400)) cannot show \(Self.figure(falsePerDay)) a day: even without a single event up "
                    + "to \(Self.figure(leastShown)) a day remain possible. \(Self.length(days: daysNeeded)) without one would show it. "
                    + "No threshold is lowered on less."
            )
        }
        for label in labels where label.proposal.basis != .shown && label.proposal.daysNeeded > daysNeeded * 1.01 {
            notes.append(
                "\(label.name): what comes near its threshold comes in clusters, so it takes "
                    + "\(Self.length(days: label.proposal.daysNeeded)) without an event."
            )
        }
        notes += labels.compactMap(Self.learned) + counted
        for label in labels where label.proposal.basis == .estimated {
            notes.append(
                "\(label.name): there were more events than wanted, so a higher threshold is proposed, above every score that held for "
                    + "min_duration. How often something exceeds it is an estimate, not shown."
            )
        }
        for label in labels {
            guard let trial = label.proposal.trial, trial.lead > label.present.lead + 1 else { continue }
            notes.append(
                "\(label.name): see with `watchword replay` that what you look for still reaches \(Self.score(trial.threshold)). If it "
                    + "does not, name in background what is seen there, mask the part of the picture that moves, or word the "
                    + "label otherwise."
            )
        }
        let numbers = changes.map(\.label).filter { labels[$0].learned != nil }.map { labels[$0].name }
        if !numbers.isEmpty {
            notes.append(
                "\(numbers.joined(separator: ", ")): a number takes the place of `auto`. It does not follow the scene: run this again "
                    + "when the camera is moved."
            )
        }
        return notes + patch.notes(of: changes) { labels[$0].name }
    }

    /// Which threshold `auto` is.
    private static func learned(_ label: Label) -> String? {
        guard let reading = label.learned else { return nil }
        let threshold = "\(label.name): auto is \(score(reading.threshold))"
        guard let quiet = reading.quiet else {
            return threshold
                + ", with which it begins: it takes \(LearnedThreshold.leastWatched.configured) without an event"
        }
        return threshold + String(format: " after this footage, for a quiet level of %.1f logits", quiet)
    }

    /// The most events of a label that are named.
    private static let named = 5

    /// What was taken for false, since only a person knows.
    private var counted: [String] {
        let lines = labels.filter { !$0.counted.isEmpty }.map { label in
            let named = label.counted.prefix(Self.named).map { event in
                "\(Self.place(event.moment)) (\(score(event)))"
            }
            let more = label.counted.count - named.count
            return "  \(label.name): " + named.joined(separator: ", ") + (more > 0 ? ", and \(more) more" : "")
        }
        guard !lines.isEmpty else { return [] }
        return [
            "Counted as false, the highest first. If one was true, run this again without it: leave a span of the history out with "
                + "--except FROM/TO, or cut the recording."
        ] + lines
    }

    private static func place(_ moment: CountedEvent.Moment) -> String {
        switch moment {
        case .recorded(let video, let seconds): "\(video) at \(String(format: "%.1f s", seconds))"
        case .past(let time): "\(time)"
        }
    }

    private func score(_ event: CountedEvent) -> String {
        let score = Lead.score(ofLead: event.top, temperature: temperature)
        return NumberText.format(min(ThresholdCalibration.written(score), 1))
    }

    private func row(_ label: Label) -> String {
        let trial = label.present
        return Self.padded(label.learned == nil ? Self.score(trial.threshold) : "auto", 11)
            + String(format: "%7.2f%7d", trial.lead, trial.rate.events) + Self.padded(Self.interval(trial.rate), 19)
    }

    private func proposal(_ proposal: ThresholdCalibration.Proposal) -> String {
        guard let trial = proposal.trial else {
            return Self.padded("as it is", 13) + Self.padded("", 26) + "  too short  "
        }
        return Self.padded(Self.score(trial.threshold), 13) + String(format: "%7.2f", trial.lead)
            + Self.padded(Self.interval(trial.rate), 19) + "  " + Self.padded(proposal.basis.rawValue, 9) + "  "
    }

    /// One JSON object; what cannot be said is null.
    package var json: String {
        var line = JSONLine(type: "calibration")
        line.add("stream", stream)
        line.add("window_seconds", window / .seconds(1))
        line.add("reuse", reuse)
        line.add("recordings", recordings)
        line.add("seconds", seconds)
        line.add("history_seconds", historySeconds)
        line.add("wanted_per_day", falsePerDay)
        line.add("least_shown_per_day", leastShown)
        line.add("hours_needed", daysNeeded * 24)
        var members = JSONLine()
        for (index, label) in labels.enumerated() {
            var member = JSONLine()
            member.add("present", Self.line(label.present))
            if let learned = label.learned { member.add("auto", learned.line) }
            member.add("proposed", label.proposal.trial.map(Self.line))
            member.add("basis", label.proposal.basis.rawValue)
            member.add("hours_needed", label.proposal.daysNeeded * 24)
            member.add("top_lead", label.top)
            member.add("counted", label.counted.map(Self.member))
            member.add("editable", !patch.refused.contains(index))
            members.add(label.name, member)
        }
        line.add("labels", members)
        line.add("diff", patch.diff.isEmpty ? nil : patch.diff)
        return line.text
    }

    private static func member(_ event: CountedEvent) -> JSONLine {
        var line = JSONLine()
        switch event.moment {
        case .recorded(let video, let seconds):
            line.add("video", video)
            line.add("seconds", seconds)
        case .past(let time): line.add("time", time)
        }
        line.add("lead", event.top)
        return line
    }

    private static func line(_ trial: ThresholdCalibration.Trial) -> JSONLine {
        var line = JSONLine()
        line.add("threshold", trial.threshold)
        line.add("release", trial.release)
        line.add("lead", trial.lead)
        line.add("events", trial.rate.events)
        line.add("passages", trial.rate.passages.count)
        line.add("per_day", trial.rate.perDay)
        line.add("least_per_day", trial.rate.least)
        line.add("most_per_day", trial.rate.most)
        return line
    }

    package static func interval(_ rate: EventRate) -> String { "\(figure(rate.least)) to \(figure(rate.most))" }

    package static func length(days: Double) -> String {
        if days >= 3 { return "\(figure(days)) days" }
        return days >= 1 / 24.0 ? "\(figure(days * 24)) h" : String(format: "%.1f min", days * 1440)
    }

    /// Two figures are all that such counts carry.
    static func figure(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        if value == 0 { return "0" }
        return value < 0.01 ? "<0.01" : value >= 99.5 ? String(format: "%.0f", value) : String(format: "%.2g", value)
    }

    private static func score(_ value: Double) -> String { NumberText.format(value) }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
