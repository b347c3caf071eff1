import Events

/// The thresholds that footage without events supports, and how well it supports them.
package struct CalibrationReport: Sendable {
    struct Label: Sendable {
        let name: String
        let present: ThresholdCalibration.Trial
        /// Of the threshold in force, if the file says auto.
        let learned: LearnedThreshold.Reading?
        let proposal: ThresholdCalibration.Proposal
        /// The highest lead that held for `min_duration`.
        let top: Double?
        /// The events at the threshold in force, the highest first.
        let counted: [CountedEvent]
    }

    let stream: String
    let window: Duration
    /// The level's name in the configuration.
    let reuse: String
    let temperature: Double
    let falsePerDay: Double
    let recordings: Int
    /// Of all recordings and of the history together.
    let seconds: Double
    /// The part of them that the history has.
    let historySeconds: Double
    private(set) var labels: [Label] = []
    package var patch = ProposedPatch()

    package init(
        stream: String,
        window: Duration,
        reuse: String,
        temperature: Double,
        falsePerDay: Double,
        recordings: Int,
        seconds: Double,
        historySeconds: Double
    ) {
        self.stream = stream
        self.window = window
        self.reuse = reuse
        self.temperature = temperature
        self.falsePerDay = falsePerDay
        self.recordings = recordings
        self.seconds = seconds
        self.historySeconds = historySeconds
    }

    package mutating func add(_ name: String, _ calibration: ThresholdCalibration) {
        labels.append(
            Label(
                name: name,
                present: calibration.present,
                learned: calibration.learned,
                proposal: calibration.proposal(perDay: falsePerDay),
                top: calibration.top,
                counted: calibration.counted
            )
        )
    }

    /// The proposals that differ from the thresholds in force as they are written. In place of `auto`, which goes on moving, any
    /// number is a change.
    package var changes: [ProposedPatch.Change] {
        labels.enumerated().compactMap { index, label in
            guard let trial = label.proposal.trial,
                label.learned != nil || trial.threshold != label.present.threshold
            else { return nil }
            return (index, trial.threshold, trial.release)
        }
    }

    /// The days without a single event that show the wanted rate.
    var daysNeeded: Double { EventRate.daysNeeded(perDay: falsePerDay) }
    /// The rate a day that this much footage without a single event leaves open.
    var leastShown: Double { EventRate(starts: [], days: seconds / 86_400).most }
}
