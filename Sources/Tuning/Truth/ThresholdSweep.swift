package import Events
import Foundation
import ScoreHistory

/// What one label's scores make of other thresholds: the events, and how many of them are true where the truth is known. The
/// release moves in the same ratio. The scores are those of the run, whatever the threshold.
package struct ThresholdSweep: Sendable {
    package struct Recording {
        var scores: [(time: Duration, score: Double)]
        /// What truly happened; nil if that is not known.
        var truth: [TruthEvent]?

        package init(scores: [(time: Duration, score: Double)], truth: [TruthEvent]?) {
            self.scores = scores
            self.truth = truth
        }
    }

    package struct Row: Equatable, Sendable {
        package let threshold: Double
        package let release: Double
        package let events: Int
        /// Against the truth; nil if no recording has one.
        package let tally: DetectionTally?
    }

    /// At the label's own threshold.
    package let inForce: Row
    /// From low thresholds to high ones, in steps of 0.5 in log-odds; of rows that say the same only the first.
    package let rows: [Row]
    /// The row with the highest F1, in steps of 0.1; of several the one in the middle, which is the furthest from the next that
    /// is worse. Nil without truth, and if nothing is found at any threshold.
    package let best: Row?

    private static let odds = (low: -3.0, high: 9.0)

    /// - Parameter tolerance: seconds, as in `EventMatching`.
    package init(_ recordings: [Recording], rules: EventRules, tolerance: Double) {
        let row = { (threshold: Double) in Self.row(recordings, rules.proposed(at: threshold), tolerance) }
        inForce = row(rules.threshold)
        var rows: [Row] = []
        for threshold in Self.thresholds(step: 0.5) {
            let next = row(threshold)
            if next.events != rows.last?.events || next.tally != rows.last?.tally { rows.append(next) }
        }
        self.rows = rows
        best = recordings.contains { $0.truth != nil } ? Self.best(Self.thresholds(step: 0.1).map(row)) : nil
    }

    /// Whether events begin long before what they match at the best threshold. A threshold that most scores reach keeps an
    /// event open, and that meets what happens by chance.
    ///
    /// - Parameter window: the seconds that a score looks back on, and the tolerance.
    package func bestIsOpenAnyway(window: Double) -> Bool {
        best?.tally?.delays.median.map { $0 < -window } ?? false
    }

    private static func thresholds(step: Double) -> [Double] {
        stride(from: odds.low, through: odds.high, by: step).map {
            ThresholdCalibration.written(1 / (1 + exp(-$0)))
        }
    }

    private static func best(_ rows: [Row]) -> Row? {
        let top = rows.compactMap { $0.tally?.f1 }.max() ?? 0
        guard top > 0 else { return nil }
        // The longest plateau at the top, and its middle.
        var plateaus: [[Row]] = []
        for row in rows {
            guard row.tally?.f1 == top else {
                plateaus.append([])
                continue
            }
            if plateaus.isEmpty { plateaus.append([]) }
            plateaus[plateaus.count - 1].append(row)
        }
        return plateaus.max { $0.count < $1.count }.flatMap { $0.isEmpty ? nil : $0[$0.count / 2] }
    }

    /// What these rules make of the recordings.
    static func row(_ recordings: [Recording], _ rules: EventRules, _ tolerance: Double) -> Row {
        var (events, tally): (Int, DetectionTally?) = (0, nil)
        for recording in recordings {
            let detected = DetectedEvents.make(of: recording.scores, rules: rules)
            events += detected.count
            guard let truth = recording.truth else { continue }
            var sum = tally ?? DetectionTally()
            sum.add(detected, truth, tolerance: tolerance)
            tally = sum
        }
        return Row(threshold: rules.threshold, release: rules.release, events: events, tally: tally)
    }
}
