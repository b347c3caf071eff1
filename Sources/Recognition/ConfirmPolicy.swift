import Events
import XCLIP

/// Whether a decision of another level must be confirmed by the exact pass: where a score stands within its drift of the threshold
/// that would start its event or let it go on, or of the release that would end it.
///
/// A step that would start, end or resume an event inside the band is always confirmed. A score that only stands there, and so
/// may be a start that drift hides, is confirmed once in `interval`, which bounds what a score that hovers may cost.
struct ConfirmPolicy {
    var drift: DriftEstimate
    private let interval: Duration
    private var last: Duration?

    init(interval: Duration, reuse: ReuseLevel) {
        self.interval = interval
        drift = DriftEstimate(reuse: reuse)
    }

    mutating func isNeeded(scores: [Double], machines: [LabelEventMachine], at time: Duration) -> Bool {
        let band = drift.band
        var isNear = false
        var isDecisive = false
        for (score, machine) in zip(scores, machines) {
            guard abs(score - machine.edge) <= band else { continue }
            isNear = true
            // A machine is a value: a copy says what this score would do.
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
