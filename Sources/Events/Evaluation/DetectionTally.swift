/// How well emitted events match true ones, counted over any number of labels and streams.
package struct DetectionTally: Sendable, Equatable {
    package private(set) var truths = 0
    package private(set) var emitted = 0
    /// The number of pairs that match by overlap.
    package private(set) var matched = 0
    /// The number of pairs that match by the stricter onset rule.
    package private(set) var onsetMatched = 0
    /// For the pairs that match by overlap, the seconds from the true start to the emission; negative if the event was
    /// emitted earlier.
    package private(set) var delays = Distribution()

    package init() {}

    /// Adds one label of one stream.
    ///
    /// - Parameters:
    ///   - detected: the events emitted.
    ///   - truth: the events that truly happened.
    ///   - tolerance: seconds, as in `EventMatching`.
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

    /// The share of emitted events that match a true one; nil if nothing was emitted.
    package var precision: Double? { emitted > 0 ? Double(matched) / Double(emitted) : nil }
    /// The share of true events that an emitted one matches; nil if nothing happened.
    package var recall: Double? { truths > 0 ? Double(matched) / Double(truths) : nil }
    package var f1: Double? { f1(of: matched) }
    package var onsetF1: Double? { f1(of: onsetMatched) }
    /// The number of emitted events that match no true one.
    package var falseEvents: Int { emitted - matched }

    /// The harmonic mean of precision and recall; nil if nothing happened and nothing was emitted.
    private func f1(of matched: Int) -> Double? {
        emitted + truths > 0 ? 2 * Double(matched) / Double(emitted + truths) : nil
    }

    /// The mean F1 over the labels that have true events; nil if no label has any.
    package static func macroF1(of labels: [DetectionTally]) -> Double? {
        let values = labels.filter { $0.truths > 0 }.compactMap(\.f1)
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
