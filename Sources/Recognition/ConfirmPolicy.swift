import Events
import System
import XCLIP

/// Decides whether the exact pass must confirm a decision of another level.
///
/// A score is in the band if it lies within its drift of the value that decides its event: the threshold that starts or
/// continues the event, or the release that ends it. No drift takes another score to the other side, so no other is confirmed.
///
/// - A score in the band that would start, end or resume an event is always confirmed.
/// - Any other score in the band may hide the beginning of a rise or a fall. It is confirmed as long as there is credit: one
///   confirmation each `interval`, of which up to `mostCredit` are saved. So a score that passes is confirmed at each step, and
///   one that hovers for hours has a bounded cost.
///
/// It would be cheaper to ask only when `minDuration` or `hold` could be complete. But then drifted scores decide when a rise or
/// a fall begins, and events appear that the published model does not have (Benchmarks/RESULTS.md).
package struct ConfirmPolicy {
    /// As many confirmations in a row as a passing score needs.
    static let mostCredit = 4.0

    var drift: DriftEstimate
    private(set) var counts = Counts()
    private let interval: Duration
    private var credit = mostCredit
    /// The time of the last decision with a score in the band.
    private var last: Duration?

    /// - Parameter interval: the time that earns a confirmation of a score that hovers.
    init(interval: Duration, reuse: ReuseLevel) {
        self.interval = interval
        drift = DriftEstimate(reuse: reuse)
    }

    /// Whether this decision must be confirmed.
    ///
    /// - Parameters:
    ///   - scores: one score per label.
    ///   - machines: the labels' state machines, in the same order. Those of signals may follow.
    ///   - time: now, on the monotonic clock.
    mutating func isNeeded(scores: [Double], machines: [LabelEventMachine], at time: Duration) -> Bool {
        var (isNear, isChanging) = (false, false)
        for (score, machine) in zip(scores, machines) {
            guard abs(score - machine.edge) <= drift.band(around: machine.edge) else { continue }
            isNear = true
            if machine.stage(after: score, at: time) != machine.stage { isChanging = true }
        }
        guard isNear else { return false }
        if let last { credit = min(Self.mostCredit, credit + (time - last) / interval) }
        last = time
        guard isChanging || credit >= 1 else {
            counts.spared += 1
            return false
        }
        if isChanging { counts.changing += 1 } else { counts.hovering += 1 }
        credit = max(0, credit - 1)
        return true
    }
}
