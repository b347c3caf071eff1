package import Events
package import Recognition
import System
package import XCLIP

/// How well one reuse level's events match the truth, and their cost.
package struct EvaluationReport: Sendable {
    /// The events that one threshold for all labels makes of the same scores.
    package struct SweepPoint: Sendable {
        package let threshold: Double
        package let release: Double
        /// All labels together, and the mean of the labels' F1.
        package let total: DetectionTally
        package let macroF1: Double?

        /// `tallies`: of each label.
        init(threshold: Double, release: Double, tallies: [DetectionTally]) {
            self.threshold = threshold
            self.release = release
            total = tallies.reduce(into: DetectionTally()) { $0.add($1) }
            macroF1 = DetectionTally.macroF1(of: tallies)
        }
    }

    package let reuse: ReuseLevel
    package let model: String
    package internal(set) var labels: [(text: String, tally: DetectionTally)]
    package internal(set) var streams = 0
    /// Seconds of all streams together.
    package internal(set) var seconds = 0.0
    package internal(set) var decisions = 0
    package internal(set) var exactPasses = 0
    package internal(set) var confirms = ConfirmPolicy.Counts()
    package internal(set) var frames = WindowSession.Counts()
    /// Of inference, all threads together.
    package internal(set) var processorSeconds = 0.0
    package internal(set) var sweep: [SweepPoint] = []

    init(reuse: ReuseLevel, model: String, labels: [String]) {
        self.reuse = reuse
        self.model = model
        self.labels = labels.map { ($0, DetectionTally()) }
    }

    /// `truth`: of each label. `seconds`: of the stream.
    mutating func add(_ lane: EvaluationLane, truth: [[TruthEvent]], seconds: Double, tolerance: Double) {
        for label in labels.indices {
            labels[label].tally.add(lane.detected[label].events, truth[label], tolerance: tolerance)
        }
        streams += 1
        self.seconds += seconds
        decisions += lane.decisions
        exactPasses += lane.exactPasses
        confirms.add(lane.recogniser.checks.confirms)
        frames.encoded += lane.recogniser.counts.encoded
        frames.gated += lane.recogniser.counts.gated
        frames.int8Passes += lane.recogniser.counts.int8Passes
        processorSeconds += lane.processorSeconds
    }

    package var total: DetectionTally { labels.reduce(into: DetectionTally()) { $0.add($1.tally) } }
    package var macroF1: Double? { DetectionTally.macroF1(of: labels.map(\.tally)) }

    func falsePerHour(_ tally: DetectionTally) -> Double? {
        seconds > 0 ? Double(tally.falseEvents) * 3600 / seconds : nil
    }
}
