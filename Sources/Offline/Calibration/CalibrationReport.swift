import Recognition
import Settings
import System
import XCLIP

/// The thresholds that footage without events supports, and how well it supports them.
package struct CalibrationReport: Sendable {
    struct Label: Sendable {
        let name: String
        let present: ThresholdCalibration.Rate
        let proposal: ThresholdCalibration.Proposal
        let topScore: Double
    }

    let stream: String
    let window: Duration
    let reuse: String
    let falsePerDay: Double
    let recordings: Int
    /// Of all recordings together.
    let seconds: Double
    private(set) var labels: [Label] = []
    /// The diff from the configuration file to one with the proposals; empty if nothing changes.
    package internal(set) var diff = ""
    /// Indices of labels whose proposal could not be written into the file.
    var refused: Set<Int> = []

    init(stream: StreamConfiguration, falsePerDay: Double, recordings: Int, seconds: Double) {
        self.stream = stream.name
        window = stream.window
        reuse = stream.reuse.rawValue
        self.falsePerDay = falsePerDay
        self.recordings = recordings
        self.seconds = seconds
    }

    mutating func add(_ name: String, _ calibration: ThresholdCalibration) {
        labels.append(
            Label(
                name: name,
                present: calibration.present,
                proposal: calibration.proposal(perDay: falsePerDay),
                topScore: calibration.topScore
            )
        )
    }

    /// The proposals that differ from the thresholds in force by a hundredth or more.
    var changes: [ThresholdEditor.Change] {
        labels.enumerated().compactMap { index, label in
            guard case .threshold(let rate, _) = label.proposal, abs(rate.threshold - label.present.threshold) >= 0.0099
            else { return nil }
            return ThresholdEditor.Change(label: index, threshold: rate.threshold, release: rate.release)
        }
    }

    var hours: Double { seconds / 3600 }
    /// The rate a day that footage of this length without a single event still allows, with 95 % confidence.
    var leastShown: Double { PoissonBound.upper(0) * 24 / hours }
    /// How long footage without a single event must be to show the wanted rate.
    var hoursNeeded: Double { PoissonBound.upper(0) * 24 / falsePerDay }
}
