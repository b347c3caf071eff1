import Events
import XCLIP

/// Decides whether the exact pass must confirm a decision of another level.
///
/// A score is in the band if it lies within its drift of the value that decides its event: the threshold that starts or
/// continues the event, or the release that ends it. A score in the band that would start, end or resume an event is
/// always confirmed. Any other score in the band may be a start that drift hides. It is confirmed at most once per
/// `interval`, which bounds the cost of a score that hovers.
struct ConfirmPolicy {
    var drift: DriftEstimate
    private let interval: Duration
    private var last: Duration?

    init(interval: Duration, reuse: ReuseLevel) {
        self.interval = interval
        drift = DriftEstimate(reuse: reuse)
    }

    /// Whether this decision must be confirmed. A confirmation starts a new `interval`.
    ///
    /// - Parameters:
    ///   - scores: one score per label.
    ///   - machines: the labels' state machines, in the same order. Those of signals may follow.
    ///   - time: now, on the monotonic clock.
    mutating func isNeeded(scores: [Double], machines: [LabelEventMachine], at time: Duration) -> Bool {
        let band = drift.band
        var isNear = false
        var isDecisive = false
        for (score, machine) in zip(scores, machines) {
            guard abs(score - machine.edge) <= band else { continue }
            isNear = true
            // A machine is a value: a copy shows what this score would do.
            var copy = machine
            _ = copy.observe(score: score, at: time)
            if copy.stage != machine.stage { isDecisive = true }
        }
        guard isNear else { return false }
        let isDue = last.map { time - $0 >= interval } ?? true
        guard isDecisive || isDue else { return false }
        last = time
        return true
    }
}
