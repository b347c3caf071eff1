/// Turns the scores of one label on one stream into events: pure, every input returns what to do.
///
/// idle → (score ≥ threshold for `minDuration`) → started → updated (at most once a second, on a new top score) →
/// (score < release for `hold`) → ended, then `cooldown`. Every start gets exactly one end.
///
/// Times are monotonic; one that goes backwards counts as no time passing. A NaN score counts as 0. As a value it can be
/// asked before it is told: a copy's `observe` says what a score would do (the confirm step of the recogniser).
///
/// The cooldown holds starts back, it does not lose them: a score that is still up when the cooldown is over starts its
/// event then, with the start time at which it rose; one that is gone by then is counted as suppressed.
///
/// With a merge gap an end waits: an event that would start less than `mergeGap` after it (threshold and `minDuration`, as for
/// any start; a score that only stands above the release is none) goes on with the same event instead, which the cooldown
/// does not hold back. If none does, the end is told then, as of the time at which it would have come without the gap.
package struct LabelEventMachine: Sendable {
    /// No two updates of one event come closer together than this.
    package static let updateInterval = Duration.seconds(1)

    private enum Phase {
        case idle
        /// The score is at the threshold, not yet for long enough, or for long enough and held back by the cooldown.
        case rising(OpenEvent, heldBack: Bool)
        case open(OpenEvent, reportedTop: Double, reportedAt: Duration, belowSince: Duration?)
        /// Over since `endedAt`, but nobody has been told: `rise` may go on with it.
        case waiting(OpenEvent, reportedTop: Double, reportedAt: Duration, endedAt: Duration, rise: OpenEvent?)
    }

    /// What a score decides next.
    package enum Stage: Sendable, Equatable {
        /// Whether an event starts.
        case closed
        /// Whether the open event ends.
        case open
        /// Whether the event that is over but for the merge gap goes on.
        case waiting
    }

    package private(set) var rules: EventRules
    /// How many times the score held for `minDuration` and was gone again before the cooldown was over.
    package private(set) var suppressedCount: UInt64 = 0
    /// How many times an event went on where another would have started.
    package private(set) var mergedCount: UInt64 = 0
    private var phase = Phase.idle
    private var lastEnd: Duration?
    private var now: Duration?

    package init(rules: EventRules) {
        self.rules = rules
    }

    /// The event that was started and has not been told to have ended; nil when there is none.
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

    /// The score that the next one is measured against.
    package var edge: Double { stage == .open ? rules.release : rules.threshold }

    package var isOpen: Bool { openEvent != nil }

    /// A score was decided at `time`: `body` gets what came of it, in order.
    package mutating func observe(score: Double, at time: Duration, _ body: (Transition) -> Void) {
        guard let transition = observe(score: score, at: time) else { return }
        body(transition)
        // An end that waited may be told by the very score that starts the next event.
        if case .ended = transition.kind, let next = observe(score: score, at: time) { body(next) }
    }

    /// A score was decided at `time`. After an end the same score must be given again: it may start the next event.
    package mutating func observe(score: Double, at time: Duration) -> Transition? {
        let score = score.isNaN ? 0 : score
        let time = advance(to: time)
        switch phase {
        case .idle:
            guard score >= rules.threshold else { return nil }
            return rise(OpenEvent(startTime: time, score: score, topScore: score), at: time)
        case .rising(var event, let heldBack):
            guard score >= rules.threshold else {
                fall(heldBack: heldBack)
                return nil
            }
            event.add(score)
            return rise(event, at: time)
        case .open(var event, let reportedTop, let reportedAt, let belowSince):
            event.add(score)
            let below = score < rules.release ? belowSince ?? time : nil
            if let below, time - below >= rules.hold {
                guard rules.mergeGap > .zero else { return close(event, .belowRelease, at: time) }
                let (top, at) = (reportedTop, reportedAt)
                phase = .waiting(event, reportedTop: top, reportedAt: at, endedAt: time, rise: nil)
                return nil
            }
            return update(event, reportedTop, reportedAt, belowSince: below, at: time)
        case .waiting(let event, let reportedTop, let reportedAt, let endedAt, let before):
            var rise = before ?? OpenEvent(startTime: time, score: score, topScore: score)
            let goesOn = score >= rules.threshold && rise.startTime - endedAt < rules.mergeGap
            guard goesOn || time - endedAt < rules.mergeGap else { return close(event, .belowRelease, at: endedAt) }
            rise.add(score)
            if goesOn, time - rise.startTime >= rules.minDuration {
                return resume(event, with: rise, reportedTop, reportedAt, at: time)
            }
            let (top, at) = (reportedTop, reportedAt)
            phase = .waiting(event, reportedTop: top, reportedAt: at, endedAt: endedAt, rise: goesOn ? rise : nil)
            return nil
        }
    }

    /// Something other than a score ends what is under way: the source is lost, the daemon stops. An open event ends and
    /// the cooldown begins; a score that was only rising is forgotten. An end that waited is told as it was.
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

    /// Nothing was seen for a while: a score that was rising must rise anew, and one that was falling must fall anew. An open
    /// event stays open.
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

    /// Takes new rules from the next score on; an open event stays open and a cooldown is counted from its end.
    package mutating func replaceRules(_ rules: EventRules) {
        self.rules = rules
    }

    private mutating func advance(to time: Duration) -> Duration {
        let latest = max(now ?? time, time)
        now = latest
        return latest
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

    /// The open event's new top score is told, but not too often.
    private mutating func update(
        _ event: OpenEvent,
        _ reportedTop: Double,
        _ reportedAt: Duration,
        belowSince: Duration?,
        at time: Duration
    ) -> Transition? {
        let isDue = event.topScore > reportedTop && time - reportedAt >= Self.updateInterval
        let (top, told) = isDue ? (event.topScore, time) : (reportedTop, reportedAt)
        phase = .open(event, reportedTop: top, reportedAt: told, belowSince: belowSince)
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
        event.add(rise.topScore)
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
