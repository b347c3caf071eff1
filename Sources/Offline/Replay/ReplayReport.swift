package import Events
package import Recognition
import Settings
import System
package import Tuning
package import XCLIP

/// The result of a replay: the events of each label, their cost, and the events at other thresholds and windows.
package struct ReplayReport: Sendable {
    package struct Label: Sendable {
        package let name: String
        package let rules: EventRules
        /// What its threshold was in the end, if it is learned.
        package internal(set) var learned: LearnedThreshold.Reading?
        package internal(set) var events = 0
        /// Seconds that its events lasted, together.
        package internal(set) var seconds = 0.0
        /// The highest score of any decision.
        package internal(set) var topScore = 0.0
        /// Starts that the cooldown held back until they were gone.
        package internal(set) var suppressed: UInt64 = 0

        package var threshold: Double { learned?.threshold ?? rules.threshold }
        package var release: Double { learned?.release ?? rules.release }
    }

    /// The events of the recordings with one window, at other thresholds.
    package struct Sweep: Sendable {
        package let window: Duration
        /// Of each label.
        package let labels: [ThresholdSweep]
    }

    package let stream: String
    package let model: String
    package let window: Duration
    package let reuse: ReuseLevel
    /// The signals' last.
    package internal(set) var labels: [Label]
    /// How many of them the model scores.
    private let scoredLabels: Int
    /// Seconds of all recordings together.
    package private(set) var seconds = 0.0
    package private(set) var decisions = 0
    package private(set) var exactPasses = 0
    package private(set) var frames = WindowSession.Counts()
    /// Of decoding and inference, all threads together.
    package private(set) var processorSeconds = 0.0
    package private(set) var sweeps: [Sweep] = []
    /// Each recording's own.
    private(set) var outcomes: [RecordedStream.Outcome] = []
    /// [recordings, labels]; empty if it is not known what truly happened.
    let truth: [[[TruthEvent]]]
    /// How far events may be from the truth, in seconds.
    let tolerance: Double
    /// Whether the events at other thresholds are reported, too.
    let showsSweep: Bool

    init(
        stream: StreamConfiguration,
        model: String,
        truth: [[[TruthEvent]]],
        tolerance: Duration,
        showsSweep: Bool
    ) {
        self.truth = truth
        self.tolerance = tolerance / .seconds(1)
        self.showsSweep = showsSweep
        self.stream = stream.name
        self.model = model
        window = stream.window
        reuse = stream.reuse
        labels = stream.allLabels.map { Label(name: $0.name, rules: $0.rules) }
        scoredLabels = stream.labels.count
    }

    mutating func add(_ outcome: RecordedStream.Outcome) {
        outcomes.append(outcome)
        seconds += outcome.seconds
        decisions += outcome.decisions
        exactPasses += outcome.exactPasses
        frames.encoded += outcome.frames.encoded
        frames.gated += outcome.frames.gated
        frames.int8Passes += outcome.frames.int8Passes
        processorSeconds += outcome.processorSeconds
        for label in labels.indices {
            labels[label].events += outcome.events[label].count
            labels[label].seconds += outcome.events[label].reduce(0) { $0 + $1.end - $1.start }
            labels[label].topScore = max(labels[label].topScore, scores(of: label, in: outcome).map(\.score).max() ?? 0)
            labels[label].suppressed += outcome.counts[label].suppressed
            labels[label].learned = outcome.learned[label]?.reading
        }
    }

    mutating func addSweep(window: Duration, of outcomes: [RecordedStream.Outcome]) {
        sweeps.append(
            Sweep(
                window: window,
                labels: labels.indices.map { label in
                    let recordings = outcomes.enumerated().map { index, outcome in
                        ThresholdSweep.Recording(
                            scores: scores(of: label, in: outcome),
                            truth: truth.isEmpty ? nil : truth[index][label]
                        )
                    }
                    return ThresholdSweep(recordings, rules: labels[label].rules, tolerance: tolerance)
                }
            )
        )
    }

    /// How well the events match what truly happened, for each label; empty if that is not known.
    var tallies: [DetectionTally] {
        guard !truth.isEmpty else { return [] }
        return labels.indices.map { label in
            outcomes.enumerated().reduce(into: DetectionTally()) { tally, outcome in
                tally.add(outcome.element.events[label], truth[outcome.offset][label], tolerance: tolerance)
            }
        }
    }

    /// All labels together.
    var total: DetectionTally { tallies.reduce(into: DetectionTally()) { $0.add($1) } }

    func scores(of label: Int, in outcome: RecordedStream.Outcome) -> [(time: Duration, score: Double)] {
        outcome.scores(ofLabel: label, labels: scoredLabels)
    }

    package var events: Int { labels.reduce(0) { $0 + $1.events } }

    func perHour(_ events: Int) -> Double? { seconds > 0 ? Double(events) * 3600 / seconds : nil }

    /// Processor seconds per second of stream: the load on one processor if the stream were live.
    var load: Double? { seconds > 0 ? processorSeconds / seconds : nil }
}
