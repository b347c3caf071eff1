import Events
import Foundation

/// One label's threshold, from its scores on footage in which nothing happened: every event there is a false one. Pure.
struct ThresholdCalibration: Sendable {
    /// The evidence for a proposal.
    enum Basis: String, Equatable, Sendable {
        /// The footage is long enough to show the wanted rate.
        case seen
        /// The footage is shorter; the tail of its scores gives the rate.
        case reckoned
        /// The footage is too short even to estimate the tail.
        case little
    }

    /// The events that one threshold produces on the footage.
    struct Rate: Equatable, Sendable {
        let threshold: Double
        let release: Double
        /// In the footage.
        let events: Int
        let perDay: Double
        /// The upper bound that the count alone gives with 95 % confidence.
        let mostPerDay: Double
        /// The rate estimated from the tail of the scores; nil if there is no estimate.
        let reckonedPerDay: Double?
    }

    enum Proposal: Equatable, Sendable {
        case threshold(Rate, Basis)
        /// Not even 0.99 is high enough.
        case unreachable
    }

    /// A window with a lower score resembles the background more than the label. No proposal goes lower, unless the
    /// threshold in force already does.
    static let floor = 0.5
    static let highest = 0.99

    let rules: EventRules
    let hours: Double
    private let traces: [[(time: Duration, score: Double)]]
    let tail: ScoreTail?

    /// - Parameters:
    ///   - traces: a label's scores on each recording, with times from its start.
    ///   - seconds: of all recordings together.
    ///   - rules: of the label.
    ///   - stretch: the least time between two events: the window plus the waits of the rules.
    init(traces: [[(time: Duration, score: Double)]], seconds: Double, rules: EventRules, stretch: Duration) {
        self.traces = traces
        self.rules = rules
        hours = seconds / 3600
        tail = ScoreTail(
            peaks: traces.flatMap { Self.peaks(of: Self.sustained($0, for: rules.minDuration), stretch: stretch) },
            hours: hours
        )
    }

    /// The highest score of any decision.
    var topScore: Double { traces.joined().reduce(0) { max($0, $1.score) } }

    /// The events at the label's threshold in force.
    var present: Rate { rate(at: rules.threshold) }

    func rate(at threshold: Double) -> Rate {
        let proposed = rules.proposed(at: threshold)
        let events = traces.reduce(0) { $0 + DetectedEvents.make(of: $1, rules: proposed).count }
        let days = hours / 24
        return Rate(
            threshold: threshold,
            release: proposed.release,
            events: events,
            perDay: days > 0 ? Double(events) / days : 0,
            mostPerDay: days > 0 ? PoissonBound.upper(events) / days : .infinity,
            reckonedPerDay: tail?.rate(above: threshold).map { $0 * 24 }
        )
    }

    /// The lowest threshold, in hundredths, that keeps false events to `perDay` at most, as far as the footage shows.
    func proposal(perDay: Double) -> Proposal {
        let expected = perDay * hours / 24
        let hundredths = (1...99).map { Double($0) / 100 }
        // From above: a threshold counts only where none above it lets more through.
        guard let seen = hundredths.reversed().prefix(while: { Double(rate(at: $0).events) <= expected }).last else {
            return .unreachable
        }
        let low = min(rules.threshold, Self.floor)
        // With three expected events, seeing none disproves the rate with 95 % confidence.
        if expected >= 3 { return .threshold(rate(at: max(seen, low)), .seen) }
        guard let tail else { return .threshold(rate(at: max(seen, low)), .little) }
        let reckoned = ((tail.score(exceeded: perDay / 24) ?? 0) * 100).rounded(.up) / 100
        guard reckoned <= Self.highest else { return .unreachable }
        return .threshold(rate(at: max(seen, reckoned, low)), .reckoned)
    }

    /// At each decision the highest threshold at which an event would begin there: the lowest score of the stretch that
    /// must hold it. Decisions too close to the end for that have none.
    static func sustained(
        _ trace: [(time: Duration, score: Double)],
        for minDuration: Duration
    ) -> [(time: Duration, score: Double)] {
        var sustained: [(time: Duration, score: Double)] = []
        var end = 0
        // Indices of scores that may yet be the lowest of a stretch, the scores rising.
        var lowest: [Int] = []
        var head = 0
        for start in trace.indices {
            while end < trace.count, end <= start || trace[end - 1].time - trace[start].time < minDuration {
                while lowest.count > head, let last = lowest.last, trace[last].score >= trace[end].score {
                    lowest.removeLast()
                }
                lowest.append(end)
                end += 1
            }
            guard trace[end - 1].time - trace[start].time >= minDuration else { break }
            while head < lowest.count, lowest[head] < start { head += 1 }
            sustained.append((trace[start].time, trace[lowest[head]].score))
        }
        return sustained
    }

    /// The highest of each stretch in turn.
    static func peaks(of scores: [(time: Duration, score: Double)], stretch: Duration) -> [Double] {
        var peaks: [Double] = []
        var current: Int?
        for (time, score) in scores {
            let number = stretch > .zero ? Int(time / stretch) : peaks.count
            if number == current, let last = peaks.indices.last {
                peaks[last] = max(peaks[last], score)
            } else {
                peaks.append(score)
                current = number
            }
        }
        return peaks
    }
}
