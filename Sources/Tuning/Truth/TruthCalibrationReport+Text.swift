import Events
import Foundation
import Text

extension TruthCalibrationReport {
    /// For people, then the diff, as a patch.
    package var text: String {
        let happenings = total.now.truths
        var lines = [
            "stream \(stream): \(happenings) happening\(happenings == 1 ? "" : "s") in \(recordings) "
                + "recording\(recordings == 1 ? "" : "s"), window \(window.configured), \(reuse); "
                + "\(CalibrationReport.length(days: seconds / 86_400)) of footage in all; quiet level from \(source)",
            "",
            "                          in force             auto             best                               proposed",
            "  true  threshold    F1  false/day  threshold    F1  threshold    F1  threshold    F1     (95 %)  false/day  "
                + "evidence  label",
        ]
        lines += labels.map(row)
        if labels.count > 1 {
            lines.append(
                Self.padded("\(happenings)", 6) + Self.padded("", 11) + measured(total.now) + Self.padded("", 45)
                    + interval(total.then) + "            all labels"
            )
        }
        return patch.text(after: lines + [""] + notes)
    }

    private var source: String {
        switch quiet {
        case .recordings: "these recordings, outside of the happenings"
        case .footage: "the footage in which nothing happened"
        case .history: "the history"
        case .footageAndHistory: "the history and the footage in which nothing happened"
        }
    }

    private func row(_ label: Label) -> String {
        let calibration = label.calibration
        let none = Self.padded("–", 11) + Self.padded("–", 6)
        return Self.padded("\(calibration.happenings)", 6)
            + (calibration.isLearned ? Self.padded("auto", 11) : threshold(calibration.inForce))
            + (calibration.inForce.tally.map(measured) ?? Self.padded("", 17))
            + chosen(calibration.learned) + (calibration.best.map(chosen) ?? none)
            + (calibration.proposal.map { threshold($0) + ($0.tally.map(interval) ?? "") }
                ?? Self.padded("as it is", 11) + Self.padded("", 28))
            + "  " + calibration.evidence.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0) + "  " + label.name
    }

    private func threshold(_ row: ThresholdSweep.Row) -> String { Self.padded(NumberText.format(row.threshold), 11) }

    private func chosen(_ row: ThresholdSweep.Row) -> String { threshold(row) + Self.number(row.tally?.f1, 6) }

    private func measured(_ tally: DetectionTally) -> String { Self.number(tally.f1, 6) + rate(tally) }

    private func interval(_ tally: DetectionTally) -> String {
        let range = tally.f1Interval.map { String(format: "%.2f-%.2f", $0.low, $0.high) } ?? "–"
        return Self.number(tally.f1, 6) + Self.padded(range, 11) + rate(tally)
    }

    private func rate(_ tally: DetectionTally) -> String {
        Self.padded(tally.falsePerDay(seconds: seconds).map(CalibrationReport.figure) ?? "–", 11)
    }

    private var notes: [String] {
        var notes = [
            "best: the threshold with the highest F1 on these recordings. proposed: from `auto` towards it, in logits, n / (n + "
                + "\(NumberText.format(TruthCalibration.imagined))) of the way for n happenings. What a threshold gains where it was "
                + "chosen, it does not keep everywhere."
        ]
        if let names = names(.little) {
            notes.append(
                "\(names): fewer than \(TruthCalibration.enough) happenings are too little evidence. The proposal is near `auto`, and "
                    + "what it gains here may be chance."
            )
        }
        if let names = names(.none) {
            notes.append(
                "\(names): nothing of it happened here, so its threshold stays. `threshold: auto` needs no truth."
            )
        }
        if let names = names(.unseen) {
            notes.append(
                "\(names): no threshold finds it here. Word it otherwise; `watchword labels` shows what each text scores."
            )
        }
        if let names = names(.noGain) {
            notes.append(
                "\(names): the proposal would match the truth no better than the threshold in force, which stays."
            )
        }
        if let names = names(where: { $0.isLearned && $0.proposal != nil }) {
            notes.append(
                "\(names): a number takes the place of `auto`. It does not follow the scene: run this again when the camera is moved."
            )
        }
        return notes + patch.notes(of: changes) { labels[$0].name }
    }

    private func names(_ evidence: TruthCalibration.Evidence) -> String? { names { $0.evidence == evidence } }

    private func names(where isMeant: (TruthCalibration) -> Bool) -> String? {
        let names = labels.filter { isMeant($0.calibration) }.map(\.name)
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    /// One JSON object; what cannot be said is null.
    package var json: String {
        var line = JSONLine(type: "truth_calibration")
        line.add("stream", stream)
        line.add("window_seconds", window / .seconds(1))
        line.add("reuse", reuse)
        line.add("recordings", recordings)
        line.add("seconds", seconds)
        line.add("quiet_from", quiet.rawValue)
        var members = JSONLine()
        for (index, label) in labels.enumerated() {
            let calibration = label.calibration
            var member = JSONLine()
            member.add("happenings", calibration.happenings)
            member.add("quiet_lead", calibration.quiet)
            member.add("present", calibration.inForce.line(seconds: seconds))
            member.add("auto", calibration.learned.line(seconds: seconds))
            member.add("best", calibration.best?.line(seconds: seconds))
            member.add("proposed", calibration.proposal?.line(seconds: seconds))
            member.add("evidence", calibration.evidence.rawValue)
            member.add("editable", !patch.refused.contains(index))
            members.add(label.name, member)
        }
        line.add("labels", members)
        line.add("diff", patch.diff.isEmpty ? nil : patch.diff)
        return line.text
    }

    private static func number(_ value: Double?, _ width: Int) -> String {
        padded(value.map { String(format: "%.2f", $0) } ?? "–", width)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
