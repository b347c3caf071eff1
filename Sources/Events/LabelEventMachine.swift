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
public struct LabelEventMachine: Sendable {
    /// No two updates of one event come closer together than this.
    public static let updateInterval = Duration.seconds(1)

    private enum Phase {
        case idle
        /// The score is at the threshold, not yet for long enough, or for long enough and held back by the cooldown.
        case rising(OpenEvent, heldBack: Bool)
        case open(OpenEvent, reportedTop: Double, reportedAt: Duration, belowSince: Duration?)
    }

    public private(set) var rules: EventRules
    /// How many times the score held for `minDuration` and was gone again before the cooldown was over.
    public private(set) var suppressedCount: UInt64 = 0
    private var phase = Phase.idle
    private var lastEnd: Duration?
    private var now: Duration?

    public init(rules: EventRules) {
        self.rules = rules
    }

    /// The event under way; nil when there is none.
    public var openEvent: OpenEvent? {
        if case .open(let event, _, _, _) = phase { event } else { nil }
    }

    public var isOpen: Bool { openEvent != nil }

    /// A score was decided at `time`.
    public mutating func observe(score: Double, at time: Duration) -> Transition? {
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
            phase = .open(event, reportedTop: reportedTop, reportedAt: reportedAt, belowSince: below)
            if let below, time - below >= rules.hold {
                return close(event, .belowRelease, at: time)
            }
            guard event.topScore > reportedTop, time - reportedAt >= Self.updateInterval else { return nil }
            phase = .open(event, reportedTop: event.topScore, reportedAt: time, belowSince: below)
            return event.transition(.updated, at: time)
        }
    }

    /// Something other than a score ends what is under way: the source is lost, the daemon stops. An open event ends and
    /// the cooldown begins; a score that was only rising is forgotten.
    public mutating func end(_ reason: EndReason, at time: Duration) -> Transition? {
        let time = advance(to: time)
        switch phase {
        case .idle:
            return nil
        case .rising(_, let heldBack):
            fall(heldBack: heldBack)
            return nil
        case .open(let event, _, _, _):
            return close(event, reason, at: time)
        }
    }

    /// Nothing was seen for a while: a score that was rising must rise anew, and one that was falling must fall anew. An open
    /// event stays open.
    public mutating func interrupt() {
        switch phase {
        case .idle: break
        case .rising(_, let heldBack): fall(heldBack: heldBack)
        case .open(let event, let reportedTop, let reportedAt, _):
            phase = .open(event, reportedTop: reportedTop, reportedAt: reportedAt, belowSince: nil)
        }
    }

    /// Takes new rules from the next score on; an open event stays open and a cooldown is counted from its end.
    public mutating func replaceRules(_ rules: EventRules) {
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
