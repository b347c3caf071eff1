/// Which emitted event found which true one, on one label of one stream: one to one.
///
/// Emitted events are walked in time order; each takes, of the true events that it meets and that are still free, the one
/// that ends first. Emitted events of a label never overlap, so no other pairing has more pairs.
package struct EventMatching: Sendable, Equatable {
    package struct Pair: Sendable, Equatable {
        /// Index of the emitted event, and of the true one.
        package var detected: Int
        package var truth: Int

        package init(detected: Int, truth: Int) {
            self.detected = detected
            self.truth = truth
        }
    }

    /// In the order of the emitted events.
    package let pairs: [Pair]

    /// An emitted event meets a true one where the two intervals overlap after the true one was widened by `tolerance`
    /// seconds on both sides; touching is overlapping.
    package static func overlap(
        _ detected: [DetectedEvent],
        _ truths: [TruthEvent],
        tolerance: Double
    ) -> EventMatching {
        EventMatching(
            spans: detected.map { ($0.start, $0.end) },
            windows: truths.map { ($0.start - tolerance, $0.end + tolerance) }
        )
    }

    /// The stricter rule: an emitted event meets a true one where it starts within `tolerance` of the true one's start.
    package static func onset(
        _ detected: [DetectedEvent],
        _ truths: [TruthEvent],
        tolerance: Double
    ) -> EventMatching {
        EventMatching(
            spans: detected.map { ($0.start, $0.start) },
            windows: truths.map { ($0.start - tolerance, $0.start + tolerance) }
        )
    }

    private init(spans: [(start: Double, end: Double)], windows: [(start: Double, end: Double)]) {
        var free = Set(windows.indices)
        var pairs: [Pair] = []
        for detected in spans.indices.sorted(by: { spans[$0].start < spans[$1].start }) {
            let span = spans[detected]
            let met = free.filter { span.start <= windows[$0].end && span.end >= windows[$0].start }
            guard let truth = met.min(by: { (windows[$0].end, $0) < (windows[$1].end, $1) }) else { continue }
            free.remove(truth)
            pairs.append(Pair(detected: detected, truth: truth))
        }
        self.pairs = pairs
    }
}
