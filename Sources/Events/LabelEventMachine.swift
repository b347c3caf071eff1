/// Turns the scores of one label on one stream into events. Pure: every input returns what to report.
///
/// idle → (score ≥ threshold for `minDuration`) → started → updated (at most once a second, on a new top score) →
/// (score < release for `hold`) → ended, then `cooldown`. Every start gets exactly one end.
///
/// Times are monotonic; a time that goes backwards counts as no time passing. A NaN score counts as 0. The machine is a
/// value: `observe` on a copy shows what a score would do, as the recogniser's confirm step needs.
///
/// The cooldown delays a start without losing it. If the score is still high when the cooldown is over, its event
/// starts then, with the start time at which the score rose. A score that has fallen by then counts as suppressed.
///
/// With a merge gap, an end waits. If a new event would start less than `mergeGap` after the end, the old event
/// continues instead, and the cooldown does not delay it. Such a start needs the threshold and `minDuration`, as any
/// start does; a score that is only above the release is not enough. If no event would start in time, the end is
/// reported then, with the time that it would have had without the gap.
package struct LabelEventMachine: Sendable {
    /// The shortest time between two updates of one event.
    package static let updateInterval = Duration.seconds(1)

    private enum Phase {
        case idle
        /// The score is at the threshold: not yet for long enough, or for long enough but delayed by the cooldown.
        case rising(OpenEvent, heldBack: Bool)
        case open(OpenEvent, reportedTop: Double, reportedAt: Duration, belowSince: Duration?)
        /// Over since `endedAt`, but not reported yet: `rise` may continue the event.
        case waiting(OpenEvent, reportedTop: Double, reportedAt: Duration, endedAt: Duration, rise: OpenEvent?)
    }

    /// What the next score decides.
    package enum Stage: Sendable, Equatable {
        /// Whether an event starts.
        case closed
        /// Whether the open event ends.
        case open
        /// Whether the event that waits in its merge gap continues.
        case waiting
    }

    package private(set) var rules: EventRules
    /// The number of times that the score held for `minDuration` but fell before the cooldown was over.
    package private(set) var suppressedCount: UInt64 = 0
    /// The number of times that an event continued instead of another starting.
    package private(set) var mergedCount: UInt64 = 0
    private var phase = Phase.idle
    private var lastEnd: Duration?
    private var now: Duration?

    package init(rules: EventRules) {
        self.rules = rules
    }

    /// The event whose start is reported and whose end is not; nil if there is none.
    package var openEvent: OpenEvent? {
        switch phase {
        case .idle, .rising: nil
        case .open(let event, _, _, _), .waiting(let event, _, _, _, _): event
        }
    }

    package var stage: Stage {
        switch phase {
        case .idle, .rising: .closed
        case .open: .open
        case .waiting: .waiting
        }
    }

    /// The value that the next score is compared with.
    package var edge: Double { stage == .open ? rules.release : rules.threshold }

    package var isOpen: Bool { openEvent != nil }

    /// Takes a score.
    ///
    /// - Parameters:
    ///   - score: the label's score.
    ///   - part: where in the picture it is so high; nil if the picture has one part.
    ///   - time: when the score was decided, on the monotonic clock.
    ///   - body: receives the resulting transitions, in order.
    package mutating func observe(
        score: Double,
        part: PicturePart? = nil,
        at time: Duration,
        _ body: (Transition) -> Void
    ) {
        guard let transition = observe(score: score, part: part, at: time) else { return }
        body(transition)
        // The score that reports a delayed end may also start the next event.
        if case .ended = transition.kind, let next = observe(score: score, part: part, at: time) { body(next) }
    }

    /// Takes a score.
    ///
    /// - Parameters:
    ///   - score: the label's score.
    ///   - part: where in the picture it is so high; nil if the picture has one part.
    ///   - time: when the score was decided, on the monotonic clock.
    /// - Returns: the transition, if any. After an end, pass the same score again: it may start the next event.
    package mutating func observe(score: Double, part: PicturePart? = nil, at time: Duration) -> Transition? {
        let score = score.isNaN ? 0 : score
        let time = advance(to: time)
        switch phase {
        case .idle:
            guard score >= rules.threshold else { return nil }
            return rise(begun(score, part, at: time), at: time)
        case .rising(var event, let heldBack):
            guard score >= rules.threshold else {
                fall(heldBack: heldBack)
                return nil
            }
            event.add(score, part)
            return rise(event, at: time)
        case .open(var event, let reportedTop, let reportedAt, let belowSince):
            event.add(score, part)
            let below = score < rules.release ? belowSince ?? time : nil
            if let below, time - below >= rules.hold {
                guard rules.mergeGap > .zero else { return close(event, .belowRelease, at: time) }
                let (top, at) = (reportedTop, reportedAt)
                phase = .waiting(event, reportedTop: top, reportedAt: at, endedAt: time, rise: nil)
                return nil
            }
            return update(event, reportedTop, reportedAt, belowSince: below, at: time)
        case .waiting(let event, let reportedTop, let reportedAt, let endedAt, let before):
            var rise = before ?? begun(score, part, at: time)
            let goesOn = score >= rules.threshold && rise.startTime - endedAt < rules.mergeGap
            guard goesOn || time - endedAt < rules.mergeGap else { return close(event, .belowRelease, at: endedAt) }
            rise.add(score, part)
            if goesOn, time - rise.startTime >= rules.minDuration {
                return resume(event, with: rise, reportedTop, reportedAt, at: time)
            }
            let (top, at) = (reportedTop, reportedAt)
            phase = .waiting(event, reportedTop: top, reportedAt: at, endedAt: endedAt, rise: goesOn ? rise : nil)
            return nil
        }
    }

    /// The stage that a score would lead to. Nothing is taken or reported.
    package func stage(after score: Double, at time: Duration) -> Stage {
        var copy = self
        copy.observe(score: score, at: time) { _ in }
        return copy.stage
    }

    /// Ends the open event for a reason other than its score, such as a lost source.
    ///
    /// The cooldown begins. A score that was still rising is forgotten. An end that waits is reported with its own
    /// reason and time.
    ///
    /// - Parameters:
    ///   - reason: why the event ends.
    ///   - time: now, on the monotonic clock.
    /// - Returns: the end; nil if no event was open.
    package mutating func end(_ reason: EndReason, at time: Duration) -> Transition? {
        let time = advance(to: time)
        switch phase {
        case .idle:
            return nil
        case .rising(_, let heldBack):
            fall(heldBack: heldBack)
            return nil
        case .open(let event, _, _, _):
            return close(event, reason, at: time)
        case .waiting(let event, _, _, let endedAt, _):
            return close(event, .belowRelease, at: endedAt)
        }
    }

    /// Marks a gap in the scores. A rising score must rise again from the start, and a falling one must fall again. An
    /// open event stays open.
    package mutating func interrupt() {
        switch phase {
        case .idle: break
        case .rising(_, let heldBack): fall(heldBack: heldBack)
        case .open(let event, let reportedTop, let reportedAt, _):
            phase = .open(event, reportedTop: reportedTop, reportedAt: reportedAt, belowSince: nil)
        case .waiting(let event, let reportedTop, let reportedAt, let endedAt, _):
            phase = .waiting(event, reportedTop: reportedTop, reportedAt: reportedAt, endedAt: endedAt, rise: nil)
        }
    }

    /// Applies new rules from the next score on. An open event stays open, and a cooldown still counts from the last
    /// end.
    package mutating func replaceRules(_ rules: EventRules) {
        self.rules = rules
    }

    private mutating func advance(to time: Duration) -> Duration {
        let latest = max(now ?? time, time)
        now = latest
        return latest
    }

    private func begun(_ score: Double, _ part: PicturePart?, at time: Duration) -> OpenEvent {
        OpenEvent(startTime: time, threshold: rules.threshold, score: score, topScore: score, topPart: part)
    }

    private mutating func rise(_ event: OpenEvent, at time: Duration) -> Transition? {
        let isLongEnough = time - event.startTime >= rules.minDuration
        guard isLongEnough, !isCoolingDown(at: time) else {
            phase = .rising(event, heldBack: isLongEnough)
            return nil
        }
        phase = .open(event, reportedTop: event.topScore, reportedAt: time, belowSince: nil)
        return event.transition(.started, at: time)
    }

    /// Reports a new top score of the open event, within the update interval.
    private mutating func update(
        _ event: OpenEvent,
        _ reportedTop: Double,
        _ reportedAt: Duration,
        belowSince: Duration?,
        at time: Duration
    ) -> Transition? {
        let isDue = event.topScore > reportedTop && time - reportedAt >= Self.updateInterval
        let (top, reported) = isDue ? (event.topScore, time) : (reportedTop, reportedAt)
        phase = .open(event, reportedTop: top, reportedAt: reported, belowSince: belowSince)
        return isDue ? event.transition(.updated, at: time) : nil
    }

    private mutating func resume(
        _ event: OpenEvent,
        with rise: OpenEvent,
        _ reportedTop: Double,
        _ reportedAt: Duration,
        at time: Duration
    ) -> Transition? {
        mergedCount += 1
        var event = event
        event.add(rise.topScore, rise.topPart)
        event.score = rise.score
        return update(event, reportedTop, reportedAt, belowSince: nil, at: time)
    }

    private mutating func fall(heldBack: Bool) {
        phase = .idle
        if heldBack { suppressedCount += 1 }
    }

    private mutating func close(_ event: OpenEvent, _ reason: EndReason, at time: Duration) -> Transition {
        phase = .idle
        lastEnd = time
        return event.transition(.ended(reason), at: time)
    }

    private func isCoolingDown(at time: Duration) -> Bool {
        guard let lastEnd else { return false }
        return time - lastEnd < rules.cooldown
    }
}
