import Events
import System
import Text

/// Gathers decisions into minutes.
struct MinuteTally {
    private static let minute: Int64 = 60_000_000

    private let labels: HistoryLabels
    private let reach: Duration
    /// The decisions of the minute under way, and those before it that a held lead may reach back to.
    private var decisions: [ScoredDecision] = []
    private var start: Int64?

    init(_ labels: HistoryLabels) {
        self.labels = labels
        reach = (labels.labels.map(\.minDuration).max() ?? .zero) + labels.interval
    }

    /// Takes a decision.
    ///
    /// - Returns: the minute of each label that this decision shows to be over; nil if it belongs to the minute under way.
    mutating func add(_ decision: ScoredDecision) -> [MinuteSummary]? {
        let minute = decision.time.microseconds / Self.minute * Self.minute
        var over: [MinuteSummary]?
        if let start, start != minute {
            over = finish()
            let earliest = decision.time - reach
            // A clock that is set back leaves decisions that lie ahead.
            decisions.removeAll { $0.time < earliest || $0.time > decision.time }
        }
        start = minute
        decisions.append(decision)
        return over
    }

    /// The minute under way; nil if it has no decision.
    mutating func finish() -> [MinuteSummary]? {
        guard let start else { return nil }
        self.start = nil
        let begin = UTCTime(microseconds: start)
        let own = decisions.filter { $0.time >= begin }
        guard !own.isEmpty else { return nil }
        let covered = min(labels.interval * own.count, .seconds(60))
        return labels.labels.indices.map { label in
            let values = own.map { $0.leads[label] }.sorted()
            return MinuteSummary(
                start: begin,
                covered: covered,
                peak: values.last ?? -Lead.limit,
                held: held(label, since: begin),
                median: values.sortedQuantile(0.5),
                q80: values.sortedQuantile(0.8),
                q95: values.sortedQuantile(0.95)
            )
        }
    }

    /// The highest lead that held, up to a moment of the minute. What rose before a pause does not count after it.
    private func held(_ label: Int, since begin: UTCTime) -> Double {
        var (top, start) = (-Lead.limit, 0)
        for end in 1...decisions.count {
            if end < decisions.count {
                let (last, next) = (decisions[end - 1].time, decisions[end].time)
                if next >= last, next <= last + labels.longestPause { continue }
            }
            top = max(top, held(label, decisions[start..<end], since: begin))
            start = end
        }
        return top
    }

    private func held(_ label: Int, _ stretch: ArraySlice<ScoredDecision>, since begin: UTCTime) -> Double {
        guard let origin = stretch.first?.time.microseconds else { return -Lead.limit }
        let trace = stretch.map { decision in
            (time: Duration.microseconds(decision.time.microseconds - origin), value: decision.leads[label])
        }
        return HeldLeads.of(trace, for: labels.labels[label].minDuration)
            .filter { $0.complete >= .microseconds(begin.microseconds - origin) }.map(\.value).max() ?? -Lead.limit
    }
}
