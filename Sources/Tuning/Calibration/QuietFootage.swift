package import Events
package import ScoreHistory
import System
import Text

/// One label's leads in footage in which nothing happened, from recordings or from the history.
package struct QuietFootage: Sendable {
    /// A sample of a recording, in time from its start.
    package typealias Sample = (time: Duration, lead: Double)

    /// Recordings, and the stretches of the history that have every decision.
    private var traces: [(start: CountedEvent.Moment, samples: [Sample])] = []
    /// The minutes of the history that have no decisions any more: when each began, in seconds since 1970-01-01T00:00:00Z, and
    /// the highest lead that held for the label's `min_duration`.
    private var minutes: [(start: Double, held: Double)] = []
    package private(set) var days = 0.0

    package init() {}

    /// `video`: the recording's path.
    package mutating func add(trace: [Sample], of video: String, seconds: Double) {
        traces.append((.recorded(video, 0), trace))
        days += seconds / 86_400
    }

    package mutating func add(_ history: LabelHistory) {
        for stretch in history.stretches {
            guard let first = stretch.first?.time else { continue }
            let samples = stretch.map {
                (time: Duration.microseconds($0.time.microseconds - first.microseconds), lead: $0.lead)
            }
            traces.append((.past(first), samples))
        }
        add(minutes: history.minutes.map { (Double($0.start.microseconds) / 1e6, $0.held) }, seconds: 0)
        days += history.covered / .seconds(86_400)
    }

    package mutating func add(minutes: [(start: Double, held: Double)], seconds: Double) {
        self.minutes += minutes
        days += seconds / 86_400
    }

    /// The highest lead that held for `minDuration`; nil if the footage has none.
    package func top(for minDuration: Duration) -> Double? {
        let held = traces.lazy.compactMap { trace in
            HeldLeads.of(trace.samples.map { (time: $0.time, value: $0.lead) }, for: minDuration).map(\.value).max()
        }
        return [held.max(), minutes.lazy.map(\.held).max()].compactMap { $0 }.max()
    }

    /// The seconds at which events start: for each recording, and for the history as a whole, on one clock. A camera that is
    /// lost and comes back is the same scene.
    ///
    /// A minute of the history counts as one event if its lead held: it may have had several, and one event may last several
    /// minutes.
    ///
    /// - Parameter rules: with threshold and release as leads.
    package func starts(_ rules: EventRules) -> [[Double]] {
        var recorded: [[Double]] = []
        var past = minutes.filter { $0.held >= rules.threshold }.map(\.start)
        for (start, samples) in traces {
            let starts = Self.events(samples, rules).map(\.start)
            switch start {
            case .recorded: recorded.append(starts)
            case .past(let first): past += starts.map { Double(first.microseconds) / 1e6 + $0 }
            }
        }
        return recorded + [past.sorted()]
    }

    /// Those events, the highest first.
    ///
    /// - Parameter rules: with threshold and release as leads.
    package func events(_ rules: EventRules) -> [CountedEvent] {
        let ofTraces = traces.flatMap { trace in
            Self.events(trace.samples, rules).map { event in
                let open = trace.samples.lazy.filter { sample in
                    let time = sample.time / .seconds(1)
                    return time >= event.start && time <= event.end
                }
                let top = open.map(\.lead).max() ?? rules.threshold
                return CountedEvent(moment: trace.start.later(by: event.start), top: top)
            }
        }
        let ofMinutes = minutes.filter { $0.held >= rules.threshold }.map { minute in
            CountedEvent(moment: .past(UTCTime(microseconds: 0)).later(by: minute.start), top: minute.held)
        }
        return (ofTraces + ofMinutes).sorted { $0.top > $1.top }
    }

    private static func events(_ samples: [Sample], _ rules: EventRules) -> [DetectedEvent] {
        DetectedEvents.make(of: samples.lazy.map { (time: $0.time, score: $0.lead) }, rules: rules)
    }

    /// The same for all thresholds whose release is not below `lead`, with fewer samples: of a row of samples below it, only
    /// those count that end an event, and the last.
    package func thinned(below lead: Double, _ rules: EventRules) -> QuietFootage {
        var thinned = self
        thinned.minutes = minutes.filter { $0.held >= lead }
        let enough = rules.hold + rules.mergeGap + rules.cooldown
        thinned.traces = traces.map { start, trace in
            var kept: [Sample] = []
            var low: (since: Duration, isOver: Bool)?
            for (index, sample) in trace.enumerated() {
                guard sample.lead < lead else {
                    low = nil
                    kept.append(sample)
                    continue
                }
                let since = low?.since ?? sample.time
                let isLast = index + 1 == trace.count || trace[index + 1].lead >= lead
                if low?.isOver != true || isLast { kept.append(sample) }
                // The first sample by which all waits are over is needed, those after it are not.
                low = (since, sample.time - since >= enough)
            }
            return (start, kept)
        }
        return thinned
    }
}
