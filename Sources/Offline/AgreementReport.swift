package import Events
package import Recognition
import Settings

/// How far one level deviates from the published model, and the cost of both.
package struct AgreementReport: Sendable {
    package let level: Agreement.Level
    package let model: String
    package let labels: Int
    /// Seconds from one decision to the next.
    package let step: Double
    package private(set) var drift = DriftTally()
    /// The level's events compared with those of `exact`: its onset F1 is within one decision.
    package private(set) var events = DetectionTally()
    /// Seconds between the starts of two matching events.
    package private(set) var onsetShift = Distribution()
    /// Of inference, all threads together.
    package private(set) var processorSeconds = 0.0
    package private(set) var exactProcessorSeconds = 0.0

    init(level: Agreement.Level, model: String, labels: Int, step: Double) {
        self.level = level
        self.model = model
        self.labels = labels
        self.step = step
    }

    /// Counts the last decision of the two.
    mutating func add(_ lane: AgreementLane, beside exact: AgreementLane, _ rules: [EventRules]) {
        drift.add(
            exact: (exact.logits, exact.scores),
            level: (lane.logits, lane.scores),
            thresholds: rules.map(\.threshold)
        )
    }

    /// Counts a video that has ended.
    mutating func addEvents(_ lane: AgreementLane, beside exact: AgreementLane, _ rules: [EventRules]) {
        processorSeconds += lane.processorSeconds
        exactProcessorSeconds += exact.processorSeconds
        // Pictures stand beside their ticks, so decisions are not quite a step apart: this takes in the next one only.
        let tolerance = 1.5 * step
        for label in 0..<labels {
            let detected = lane.trace.events(ofLabel: label, rules: rules[label])
            let wanted = exact.trace.events(ofLabel: label, rules: rules[label])
            let truth = wanted.map { TruthEvent(start: $0.start, end: $0.end) }
            events.add(detected, truth, tolerance: tolerance)
            for pair in EventMatching.overlap(detected, truth, tolerance: tolerance).pairs {
                onsetShift.add(abs(detected[pair.detected].start - truth[pair.truth].start))
            }
        }
    }
}
