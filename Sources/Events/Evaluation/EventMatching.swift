/// Pairs emitted events with true ones, one to one, on one label of one stream.
///
/// The emitted events are taken in time order. Each takes, among the free true events that it meets, the one that ends
/// first. The emitted events of a label never overlap, so no other pairing has more pairs.
package struct EventMatching: Sendable, Equatable {
    package struct Pair: Sendable, Equatable {
        /// The index of the emitted event.
        package var detected: Int
        /// The index of the true event.
        package var truth: Int

        package init(detected: Int, truth: Int) {
            self.detected = detected
            self.truth = truth
        }
    }

    /// In the order of the emitted events.
    package let pairs: [Pair]

    /// Matches by overlap: an emitted event meets a true one if their intervals overlap. Touching counts as
    /// overlapping.
    ///
    /// - Parameters:
    ///   - detected: the events emitted.
    ///   - truths: the events that truly happened.
    ///   - tolerance: the seconds by which each true interval is widened on both sides.
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

    /// Matches by onset, the stricter rule: an emitted event meets a true one if their starts lie within `tolerance`.
    ///
    /// - Parameters:
    ///   - detected: the events emitted.
    ///   - truths: the events that truly happened.
    ///   - tolerance: the largest distance of the two starts, in seconds.
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
