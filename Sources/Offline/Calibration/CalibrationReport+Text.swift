import Foundation
import System
import Text

extension CalibrationReport {
    /// For people, then the diff. Every line before the diff begins with `# `, which `patch` passes over.
    package var text: String {
        var lines = [
            "stream \(stream): \(duration) of \(recordings) recording\(recordings == 1 ? "" : "s") without events, "
                + "window \(window.configured), \(reuse); wanted: at most \(Self.figure(falsePerDay)) false a day",
            "",
            "          in force: false events        proposed: false events",
            "  threshold   seen  a day  at most    threshold   seen  a day  at most  top score  label",
        ]
        for label in labels {
            lines.append(
                row(label.present) + proposal(label.proposal) + String(format: "%11.2f  ", label.topScore) + label.name
            )
        }
        lines += [""] + notes
        let report = lines.map { line in
            line.isEmpty ? "#" : "# " + line.escapingControlCharacters()
        }.joined(separator: "\n")
        return diff.isEmpty ? report : report + "\n" + diff.dropLast()
    }

    private var notes: [String] {
        var notes = [
            "`a day` is the rate in the footage or, with ~, the rate estimated from the tail of its scores; "
                + "`at most` is the upper bound that this many events give with 95 % confidence."
        ]
        if leastShown > falsePerDay {
            notes.append(
                "\(duration) cannot show \(Self.figure(falsePerDay)) a day: without a single event they still allow for "
                    + "\(Self.figure(leastShown)) a day (the rule of three). \(Self.figure(hoursNeeded)) hours without one would."
            )
        }
        let little = labels.filter { if case .threshold(_, .little) = $0.proposal { true } else { false } }
        if !little.isEmpty {
            notes.append(
                "This is too little footage to estimate how rare higher scores are: each proposal only lies above the highest score "
                    + "seen. Give hours of footage, by day and by night."
            )
        }
        for label in labels where label.proposal == .unreachable {
            notes.append(
                "\(label.name): no threshold up to 0.99 keeps false events so rare, and none is proposed. Name in background "
                    + "what is seen there, mask the part of the picture that moves, or word the label otherwise."
            )
        }
        for label in labels {
            guard case .threshold(let rate, _) = label.proposal, rate.threshold >= 0.95 else { continue }
            notes.append(
                "\(label.name): hardly anything scores above \(Self.hundredths(rate.threshold)); see with `watchword replay` "
                    + "whether what you look for does."
            )
        }
        for index in labels.indices where refused.contains(index) {
            guard case .threshold(let rate, _) = labels[index].proposal else { continue }
            notes.append(
                "\(labels[index].name): its lines in the file could not be edited safely; set threshold: "
                    + "\(Self.hundredths(rate.threshold)) and release: \(Self.hundredths(rate.release)) there by hand."
            )
        }
        if changes.isEmpty { notes.append("Nothing to change.") }
        return notes
    }

    private var duration: String {
        hours >= 1 ? "\(Self.figure(hours)) h" : String(format: "%.1f min", seconds / 60)
    }

    private func row(_ rate: ThresholdCalibration.Rate) -> String {
        let day =
            rate.events == 0 ? rate.reckonedPerDay.map { "~" + Self.figure($0) } ?? "0" : Self.figure(rate.perDay)
        return String(format: "%11.2f%7d", rate.threshold, rate.events) + Self.padded(day, 7)
            + Self.padded(Self.figure(rate.mostPerDay), 9)
    }

    private func proposal(_ proposal: ThresholdCalibration.Proposal) -> String {
        switch proposal {
        case .threshold(let rate, _): "  " + row(rate)
        case .unreachable: Self.padded("none", 13) + Self.padded("", 23)
        }
    }

    /// One JSON object; what cannot be said is null.
    package var json: String {
        var line = JSONLine(type: "calibration")
        line.add("stream", stream)
        line.add("window_seconds", window / .seconds(1))
        line.add("reuse", reuse)
        line.add("recordings", recordings)
        line.add("seconds", seconds)
        line.add("wanted_per_day", falsePerDay)
        line.add("least_shown_per_day", leastShown)
        line.add("hours_needed", hoursNeeded)
        var members = JSONLine()
        for (index, label) in labels.enumerated() {
            var member = JSONLine()
            member.add("present", Self.line(label.present))
            if case .threshold(let rate, let basis) = label.proposal {
                member.add("proposed", Self.line(rate))
                member.add("basis", basis.rawValue)
            } else {
                member.add("proposed", Double?.none)
                member.add("basis", "unreachable")
            }
            member.add("top_score", label.topScore)
            member.add("editable", !refused.contains(index))
            members.add(label.name, member)
        }
        line.add("labels", members)
        line.add("diff", diff.isEmpty ? nil : diff)
        return line.text
    }

    private static func line(_ rate: ThresholdCalibration.Rate) -> JSONLine {
        var line = JSONLine()
        line.add("threshold", rate.threshold)
        line.add("release", rate.release)
        line.add("events", rate.events)
        line.add("per_day", rate.perDay)
        line.add("most_per_day", rate.mostPerDay)
        line.add("reckoned_per_day", rate.reckonedPerDay)
        return line
    }

    /// Two figures are all that such counts carry.
    static func figure(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        if value == 0 { return "0" }
        return value < 0.01 ? "<0.01" : value >= 99.5 ? String(format: "%.0f", value) : String(format: "%.2g", value)
    }

    private static func hundredths(_ value: Double) -> String { String(format: "%.2f", value) }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
