import Events
import Foundation
import ScoreHistory
import TestSupport
import Testing
import Text

@testable import Tuning

/// Thresholds from a known truth, drawn towards those that are learned.
@Suite struct TruthCalibrationTests {
    private typealias Calibration = TruthCalibration

    private static func rules(_ threshold: Double = 0.6, isLearned: Bool = false) -> EventRules {
        EventRules(
            threshold: threshold,
            release: threshold / 2,
            minDuration: .zero,
            hold: .zero,
            cooldown: .zero,
            isLearned: isLearned
        )
    }

    /// Decisions two seconds apart. In every five minutes there is a happening of ten seconds at the lead `loud`, and something
    /// false of ten seconds at `false`; in between the lead is `quiet`.
    private func recording(
        _ happenings: Int,
        loud: Double = 3,
        false other: Double = 2,
        quiet: Double = -3
    ) -> ThresholdSweep.Recording {
        let seconds = stride(from: 0, to: 300 * max(happenings, 1), by: 2)
        return ThresholdSweep.Recording(
            scores: seconds.map { second in
                let lead = (150..<160).contains(second % 300) ? loud : second % 300 < 10 ? other : quiet
                return (time: .seconds(second), score: Lead.score(ofLead: lead, temperature: 1))
            },
            truth: (0..<happenings).map { index in
                let start = Double(300 * index + 150)
                return TruthEvent(start: start, end: start + 10)
            }
        )
    }

    private func calibration(
        _ recordings: [ThresholdSweep.Recording],
        footage: [ThresholdSweep.Recording] = [],
        history: LabelHistory? = nil,
        rules: EventRules = Self.rules()
    ) -> TruthCalibration {
        TruthCalibration(
            recordings,
            footage: footage,
            history: history,
            rules: rules,
            window: 4,
            temperature: 1,
            tolerance: 1
        )
    }

    private func lead(_ row: ThresholdSweep.Row) -> Double { Lead.logOdds(ofScore: row.threshold) }

    /// Nothing known: the learned threshold. Much known: the best. In between it only comes nearer.
    @Test(arguments: [(1.5, 4.0), (4, 1.5), (2, 2), (1.5, -2)])
    func theThresholdIsDrawnByTheHappenings(learned: Double, best: Double) {
        let leads = (0...200).map { Calibration.drawn(from: learned, to: best, by: $0) }
        #expect(leads[0] == learned)
        #expect(abs(Calibration.drawn(from: learned, to: best, by: 1_000_000) - best) < 1e-4)
        #expect(zip(leads, leads.dropFirst()).allSatisfy { abs($1 - best) <= abs($0 - best) })
        // The imagined ones weigh as much as as many true ones; ten go most of the way, two stay near.
        #expect(
            abs(Calibration.drawn(from: learned, to: best, by: Int(Calibration.imagined)) - (learned + best) / 2)
                < 1e-12
        )
        #expect(abs(leads[Calibration.enough] - best) <= abs(learned - best) / 3 + 1e-12)
        #expect(abs(leads[2] - learned) <= abs(learned - best) / 3)
    }

    /// Twenty happenings: the best threshold lies between 2 and 3, the learned one 1.5 above the floor of 0.
    @Test func muchTruthGoesMostOfTheWay() throws {
        let calibration = calibration([recording(20)])
        #expect(calibration.happenings == 20 && calibration.evidence == .enough)
        #expect(abs(try #require(calibration.quiet) + 3) < 0.13)
        #expect(abs(lead(calibration.learned) - 1.5) < 0.01)
        #expect(abs(try #require(calibration.learned.tally?.f1) - 2.0 / 3) < 1e-12)
        #expect(calibration.inForce.threshold == 0.6 && calibration.inForce.tally == calibration.learned.tally)
        let best = try #require(calibration.best)
        #expect(best.tally?.f1 == 1 && abs(lead(best) - 2.5) < 0.1)
        let proposal = try #require(calibration.proposal)
        #expect(proposal.tally?.f1 == 1 && lead(proposal) > 2 && lead(proposal) < lead(best))
        // As it is written, which is not below what was drawn.
        let drawn = Calibration.drawn(from: lead(calibration.learned), to: lead(best), by: 20)
        #expect(lead(proposal) >= drawn - 1e-9 && lead(proposal) < drawn + 0.1)
        #expect(abs(proposal.release - proposal.threshold / 2) < 0.0051)
    }

    /// A few happenings leave the threshold where what is false is still found: no gain, and nothing changes.
    @Test func littleTruthChangesLittle() throws {
        let three = calibration([recording(3)], rules: Self.rules(isLearned: true))
        #expect(three.evidence == .noGain && three.proposal == nil && three.best?.tally?.f1 == 1)
        let seven = calibration([recording(7)], rules: Self.rules(isLearned: true))
        #expect(seven.evidence == .little && seven.proposal?.tally?.f1 == 1)
        #expect(lead(try #require(seven.proposal)) < lead(try #require(seven.best)))
    }

    @Test func nothingThatHappenedChangesNothing() {
        let quiet = calibration([recording(0)])
        #expect(quiet.evidence == .none && quiet.proposal == nil && quiet.happenings == 0)
        #expect(abs(lead(quiet.learned) - 1.5) < 0.01)
        let blind = calibration([recording(12, loud: -5, false: -5, quiet: -5)])
        #expect(blind.evidence == .unseen && blind.best == nil && blind.proposal == nil)
    }

    /// A threshold that matches the truth already stays.
    @Test func whatIsGoodStays() {
        let good = calibration([recording(20)], rules: Self.rules(0.92))
        #expect(good.inForce.tally?.f1 == 1 && good.evidence == .noGain && good.proposal == nil)
    }

    /// With `auto` in force, what is compared with is the learned threshold, not the number that it began at.
    @Test func autoIsWhatIsInForce() {
        let auto = calibration([recording(20)], rules: Self.rules(0.92, isLearned: true))
        #expect(auto.isLearned && auto.inForce == auto.learned && auto.proposal?.tally?.f1 == 1)
    }

    @Test func theOrderOfTheRecordingsDoesNotMatter() {
        let footage = [recording(0, loud: -3)]
        let recordings = [recording(2), recording(9, loud: 4), recording(5, false: 1), recording(3, loud: 2.5)]
        let there = calibration(recordings, footage: footage)
        let back = calibration(recordings.reversed(), footage: footage)
        #expect(there.proposal != nil && there.happenings == 19)
        #expect(there.proposal?.threshold == back.proposal?.threshold && there.best?.threshold == back.best?.threshold)
        #expect(there.proposal?.tally?.f1 == back.proposal?.tally?.f1 && there.evidence == back.evidence)
    }

    /// Footage of nothing gives the quiet level in place of the recordings, and its events are false ones.
    @Test func footageOfNothingCounts() throws {
        var rules = Self.rules(0.9)
        rules.release = 0.85
        let calm = calibration([recording(20)], rules: rules)
        let loud = ThresholdSweep.Recording(scores: recording(12, loud: 1, false: 4, quiet: 1).scores, truth: nil)
        let calibrated = calibration([recording(20)], footage: [loud], rules: rules)
        let quiet = try #require(calibrated.quiet)
        #expect(abs(quiet - 1) < 0.13 && abs(lead(calibrated.learned) - 2.5) < 0.14)
        let (before, after) = (try #require(calm.inForce.tally), try #require(calibrated.inForce.tally))
        #expect(after.truths == before.truths && after.falseEvents > before.falseEvents + 10)
    }

    /// What is looked for does not raise the quiet level, however much of the recording it takes.
    @Test func theQuietLevelIsThatOutsideOfTheHappenings() throws {
        let scores = stride(from: 0, to: 1200, by: 2).map { second in
            (time: Duration.seconds(second), score: Lead.score(ofLead: second >= 600 ? 0.3 : -2, temperature: 1))
        }
        let known = calibration([.init(scores: scores, truth: [TruthEvent(start: 600, end: 1200)])])
        let unknown = calibration([.init(scores: scores, truth: [])])
        let (below, within) = (try #require(known.quiet), try #require(unknown.quiet))
        #expect(abs(below + 2) < 0.13 && abs(within - 0.3) < 0.13)
    }

    private func report() -> TruthCalibrationReport {
        var report = TruthCalibrationReport(
            stream: "yard",
            window: .seconds(4),
            reuse: "cached",
            recordings: 1,
            seconds: 6000,
            quiet: .recordings
        )
        report.add("car", calibration([recording(20)]))
        report.add("dog", calibration([recording(7)], rules: Self.rules(isLearned: true)))
        report.add("cat", calibration([recording(0)]))
        report.add("fox", calibration([recording(12, loud: -5, false: -5, quiet: -5)]))
        return report
    }

    @Test func theReportSaysWhatThereIsEvidenceFor() throws {
        var report = report()
        #expect(report.changes.map(\.label) == [0, 1])
        let diff = "--- mine.yaml\n+++ mine.yaml\n@@ -1 +1 @@\n-a\n+b\n"
        report.patch = ProposedPatch(diff: diff, refused: [1])
        let lines = report.text.split(separator: "\n", omittingEmptySubsequences: false)
        // All before the diff is passed over by `patch`.
        let head = try #require(lines.firstIndex(of: "--- mine.yaml"))
        #expect(lines[..<head].allSatisfy { $0 == "#" || $0.hasPrefix("# ") })
        #expect(lines[head...].joined(separator: "\n") + "\n" == diff)
        let row = { (label: String) in lines.first { $0.hasSuffix("  " + label) }.map(String.init) ?? "" }
        #expect(row("car").contains("enough") && row("car").contains("0.67") && row("car").contains("1.00"))
        #expect(row("dog").contains("little"))
        #expect(row("cat").contains("none") && row("cat").contains("as it is"))
        #expect(row("fox").contains("unseen") && row("fox").contains("as it is"))
        #expect(row("all labels").contains("39"))
        for said in [
            "dog: fewer than 10 happenings are too little evidence", "cat: nothing of it happened here",
            "fox: no threshold finds it here", "dog: a number takes the place of `auto`",
            "dog: its lines in the file could not be edited safely; set threshold: ",
        ] {
            #expect(report.text.contains(said), "\(said)")
        }
    }

    @Test func theReportOfNothingSaysSo() {
        var report = TruthCalibrationReport(
            stream: "yard",
            window: .seconds(4),
            reuse: "exact",
            recordings: 1,
            seconds: 300,
            quiet: .history
        )
        report.add("cat", calibration([recording(0)]))
        #expect(report.changes.isEmpty && report.text.hasSuffix("# Nothing to change."))
    }

    @Test func theJSONHasTheSame() throws {
        let report = report()
        let object = try JSONValue(parsing: report.json)
        #expect(object["type"]?.string == "truth_calibration" && object["diff"] == .null)
        let car = try #require(object["labels"]?["car"])
        #expect(car["happenings"]?.integer == 20 && car["evidence"]?.string == "enough")
        #expect(car["proposed"]?["threshold"]?.number == report.changes[0].threshold)
        #expect(car["proposed"]?["truth"]?["f1"]?.number == 1 && car["best"]?["truth"]?["f1"]?.number == 1)
        #expect(car["present"]?["threshold"]?.number == 0.6 && car["auto"]?["threshold"]?.number == 0.8176)
        #expect(object["labels"]?["cat"]?["proposed"] == .null && object["labels"]?["fox"]?["best"] == .null)
    }
}
