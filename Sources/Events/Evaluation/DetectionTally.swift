/// How well emitted events tell of true ones, counted over any number of labels and streams.
package struct DetectionTally: Sendable, Equatable {
    package private(set) var truths = 0
    package private(set) var emitted = 0
    /// Pairs by overlap, and by the stricter onset rule.
    package private(set) var matched = 0
    package private(set) var onsetMatched = 0
    /// Of the pairs by overlap: seconds from the true start to the emission. Below zero where an event was emitted before.
    package private(set) var delays = Distribution()

    package init() {}

    /// Counts one label of one stream.
    package mutating func add(_ detected: [DetectedEvent], _ truth: [TruthEvent], tolerance: Double) {
        let overlap = EventMatching.overlap(detected, truth, tolerance: tolerance)
        truths += truth.count
        emitted += detected.count
        matched += overlap.pairs.count
        onsetMatched += EventMatching.onset(detected, truth, tolerance: tolerance).pairs.count
        for pair in overlap.pairs { delays.add(detected[pair.detected].emission - truth[pair.truth].start) }
    }

    package mutating func add(_ other: DetectionTally) {
        truths += other.truths
        emitted += other.emitted
        matched += other.matched
        onsetMatched += other.onsetMatched
        delays.add(other.delays)
    }

    /// nil where nothing was emitted.
    package var precision: Double? { emitted > 0 ? Double(matched) / Double(emitted) : nil }
    /// nil where nothing happened.
    package var recall: Double? { truths > 0 ? Double(matched) / Double(truths) : nil }
    package var f1: Double? { f1(of: matched) }
    package var onsetF1: Double? { f1(of: onsetMatched) }
    /// Emitted events that no true one belongs to.
    package var falseEvents: Int { emitted - matched }

    /// The harmonic mean of precision and recall; nil where nothing happened and nothing was emitted.
    private func f1(of matched: Int) -> Double? {
        emitted + truths > 0 ? 2 * Double(matched) / Double(emitted + truths) : nil
    }

    /// The mean F1 of the labels of which something happened; nil where there are none.
    package static func macroF1(of labels: [DetectionTally]) -> Double? {
        let values = labels.filter { $0.truths > 0 }.compactMap(\.f1)
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
