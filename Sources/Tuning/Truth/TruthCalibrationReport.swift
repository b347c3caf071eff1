import Events

/// The thresholds that recordings with a known truth support, and what they bring there.
package struct TruthCalibrationReport: Sendable {
    struct Label: Sendable {
        let name: String
        let calibration: TruthCalibration
    }

    /// What the quiet levels were learned from.
    package enum Quiet: String, Sendable {
        /// The recordings with happenings, outside of these.
        case recordings
        case footage
        case history
        /// Both.
        case footageAndHistory = "footage and history"
    }

    let stream: String
    let window: Duration
    /// The level's name in the configuration.
    let reuse: String
    /// How many have a truth.
    let recordings: Int
    /// Of all recordings, those in which nothing happened too.
    let seconds: Double
    let quiet: Quiet
    private(set) var labels: [Label] = []
    package var patch = ProposedPatch()

    package init(
        stream: String,
        window: Duration,
        reuse: String,
        recordings: Int,
        seconds: Double,
        quiet: Quiet
    ) {
        self.stream = stream
        self.window = window
        self.reuse = reuse
        self.recordings = recordings
        self.seconds = seconds
        self.quiet = quiet
    }

    package mutating func add(_ name: String, _ calibration: TruthCalibration) {
        labels.append(Label(name: name, calibration: calibration))
    }

    package var changes: [ProposedPatch.Change] {
        labels.enumerated().compactMap { index, label in
            label.calibration.proposal.map { (index, $0.threshold, $0.release) }
        }
    }

    /// Of all labels together, now and with the proposals.
    var total: (now: DetectionTally, then: DetectionTally) {
        labels.reduce(into: (DetectionTally(), DetectionTally())) { total, label in
            guard let now = label.calibration.inForce.tally else { return }
            total.0.add(now)
            total.1.add(label.calibration.proposal?.tally ?? now)
        }
    }
}
