package import Events
package import ScoreHistory
import System
package import Text

/// What a label's rules made of its scores around a moment, and what held an event back. Pure.
package struct DecisionReview: Sendable {
    package enum Finding: Equatable, Sendable {
        /// Nothing is kept of that time: the stream was not watched, or had no full window.
        case unwatched
        /// Only the minutes are kept. The highest lead of those that the time touches, and the highest that held.
        case minutes(peak: Double, held: Double)
        /// An event was open. Its end is nil if the history ends before it.
        case event(start: UTCTime, end: UTCTime?, top: Double)
        /// The lead did not reach the threshold: it was short by this.
        case short(top: Double, at: UTCTime, by: Double)
        /// It reached the threshold, but not for `min_duration`.
        case brief(top: Double, at: UTCTime, held: Duration)
        /// It held, but an event had ended this long before, within the cooldown.
        case cooldown(top: Double, at: UTCTime, after: Duration)
    }

    /// The rules in force at that time, and their threshold's lead.
    package let rules: EventRules
    package let threshold: Double
    /// The decisions around the moment.
    package let samples: [LabelHistory.Sample]
    package let finding: Finding

    /// How far back events are looked for that may still have been open, or whose cooldown may not have been over.
    package static let reach = Duration.seconds(7200)

    /// - Parameters:
    ///   - span: the time in question.
    ///   - history: of the label.
    ///   - rules: of the label.
    ///   - temperature: divides a lead before it becomes a score.
    package init(_ span: Range<UTCTime>, of history: LabelHistory, rules: EventRules, temperature: Double) {
        var inForce = rules
        if rules.isLearned {
            var learned = LearnedThreshold(rules: rules, temperature: temperature)
            learned.learn(history.before(span.lowerBound), temperature: temperature)
            inForce = learned.rules
        }
        self.rules = inForce
        threshold = Lead.ofScore(inForce.threshold, temperature: temperature)
        samples = history.stretches.joined().filter { span.contains($0.time) }
        guard let top = samples.max(by: { $0.lead < $1.lead }) else {
            let minutes = history.minutes.filter { span.overlaps($0.start..<$0.start + .seconds(60)) }
            finding =
                if let peak = minutes.map(\.peak).max(), let held = minutes.map(\.held).max() {
                    .minutes(peak: peak, held: held)
                } else { .unwatched }
            return
        }
        let from = span.lowerBound - Self.reach
        var machine = LabelEventMachine(rules: inForce)
        var (open, last): ((start: UTCTime, top: Double)?, UTCTime?) = (nil, nil)
        var found: Finding?
        var cooled: (top: Double, at: UTCTime, after: Duration)?
        var (risen, longest): (UTCTime?, Duration) = (nil, .zero)
        let take = { (transition: Transition) in
            let start = UTCTime(microseconds: transition.startTime.wholeMicroseconds)
            switch transition.kind {
            case .started: open = (start, transition.topScore)
            case .updated: open?.top = transition.topScore
            case .ended:
                let end = UTCTime(microseconds: transition.time.wholeMicroseconds)
                if start < span.upperBound, end >= span.lowerBound {
                    found = found ?? .event(start: start, end: end, top: transition.topScore)
                }
                (open, last) = (nil, end)
            }
        }
        // The daemon ends an event whose source is gone for so long.
        let patience = EndReason.patience + history.interval
        var seen: UTCTime?
        for stretch in history.stretches where stretch.last.map({ $0.time >= from }) ?? false {
            if let seen, let next = stretch.first?.time, next.since(seen) > patience {
                machine.end(.sourceLost, at: .microseconds(seen.microseconds)).map(take)
            }
            seen = stretch.last?.time
            machine.interrupt()
            risen = nil
            for (time, lead) in stretch where time >= from && (time < span.upperBound || open != nil) {
                let score = Lead.score(ofLead: lead, temperature: temperature)
                machine.observe(score: score, at: .microseconds(time.microseconds), take)
                guard span.contains(time) else { continue }
                risen = lead >= threshold ? risen ?? time : nil
                if let risen { longest = max(longest, time.since(risen)) }
                if machine.openEvent == nil, let last, let risen, time.since(risen) >= inForce.minDuration {
                    cooled = cooled ?? (lead, time, risen.since(last))
                }
            }
        }
        if found == nil, let open, open.start < span.upperBound {
            found = .event(start: open.start, end: nil, top: open.top)
        }
        if let found {
            finding = found
        } else if top.lead < threshold {
            finding = .short(top: top.lead, at: top.time, by: threshold - top.lead)
        } else if let cooled {
            finding = .cooldown(top: cooled.top, at: cooled.at, after: cooled.after)
        } else {
            finding = .brief(top: top.lead, at: top.time, held: longest)
        }
    }
}

extension Duration {
    fileprivate var wholeMicroseconds: Int64 { Int64(self / .microseconds(1)) }
}

extension UTCTime {
    fileprivate func since(_ earlier: UTCTime) -> Duration { .microseconds(microseconds - earlier.microseconds) }
}
