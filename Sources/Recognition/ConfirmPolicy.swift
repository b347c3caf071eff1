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
/// Where steps are computed in int8, the exact pass may run in int8 first, which costs less. Its scores drift by their
/// rounding alone. If audits show that their band is narrow enough beside that of the steps, the published model is
/// asked only about what is left in it, and about any change of an event.
///
/// It would be cheaper to ask only when `minDuration` or `hold` could be complete. But then drifted scores decide when a rise or
/// a fall begins, and events appear that the published model does not have (Benchmarks/RESULTS.md).
package struct ConfirmPolicy {
    /// As many confirmations in a row as a passing score needs.
    static let mostCredit = 4.0

    /// Of the steps.
    private(set) var drift: DriftEstimate
    /// Of exact passes in int8; nil if steps are computed in floats.
    private(set) var int8Drift: DriftEstimate?
    private(set) var counts = Counts()
    private let interval: Duration
    /// The widest that the band of int8 may be, in bands of the steps, for int8 to be asked first.
    private let mostInt8Share: Double
    private var credit = mostCredit
    /// The time of the last decision with a score in the band.
    private var last: Duration?

    /// - Parameters:
    ///   - interval: the time that earns a confirmation of a score that hovers.
    ///   - precision: of the steps.
    ///   - isAccelerated: whether the processor has instructions for int8 (`Int8Kernel.isAccelerated`).
    init(
        interval: Duration,
        reuse: ReuseLevel,
        precision: Precision = .float32,
        isAccelerated: Bool = true
    ) {
        self.interval = interval
        mostInt8Share = isAccelerated ? 1 / 2 : 1 / 3
        // Rounding moves the scores of any level: until audits show how far, the band is that of `cached`.
        drift = DriftEstimate(reuse: precision == .float32 ? reuse : .cached)
        int8Drift = precision == .float32 ? nil : DriftEstimate(reuse: .cached)
    }

    /// Whether the exact pass in int8 comes before the published model.
    ///
    /// It costs c of the published model's pass, and leaves open what changes an event, q = 0.08 of what is asked, and
    /// what still lies in its own band. Scores lie anywhere in the steps' band, so for one label that is the ratio r of
    /// the bands. So c + q + (1 − q) · r must be below 1. With AVX-512 VNNI c was measured as 0.36, so r may be up to
    /// 0.61. Where another label is near too, 2r − r² is left open. At one half a confirmation costs 0.90, and less
    /// than 1 if that happens less than 43 times in 100. The other kernels with instructions for int8 are taken to be
    /// like that one. Without such instructions c is higher and was not measured: there r must be a third or less.
    ///
    /// Rounding may move scores as far as a step drifts (Benchmarks/RESULTS.md); then nothing would be gained.
    var asksInt8First: Bool { int8Drift.map { $0.band <= drift.band * mostInt8Share } ?? false }

    /// Adds an audited step.
    ///
    /// - Parameters:
    ///   - step: the largest |Δscore| of the step over the labels.
    ///   - int8: that of the exact pass in int8, if there was one.
    mutating func add(step: Double, int8: Double?) {
        drift.add(step)
        if let int8 { int8Drift?.add(int8) }
    }

    /// Whether this decision of a step must be confirmed.
    ///
    /// - Parameters:
    ///   - scores: one score per label.
    ///   - machines: the labels' state machines, in the same order. Those of signals may follow.
    ///   - time: now, on the monotonic clock.
    mutating func isNeeded(scores: [Double], machines: [LabelEventMachine], at time: Duration) -> Bool {
        var (isNear, isChanging) = (false, false)
        for (score, machine) in zip(scores, machines) where drift.isInBand(score, around: machine.edge) {
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
        credit = max(0, credit - 1)
        // Where int8 is asked first, its scores give the reason.
        if !asksInt8First { count(isChanging: isChanging) }
        return true
    }

    /// Whether the published model must confirm a decision of the exact pass in int8.
    ///
    /// - Parameters:
    ///   - scores: one score per label.
    ///   - machines: the labels' state machines, in the same order. Those of signals may follow.
    ///   - time: now, on the monotonic clock.
    ///   - wasAsked: whether `isNeeded` led to the pass. Otherwise it ran after a cut.
    mutating func isLeftOpen(
        scores: [Double],
        machines: [LabelEventMachine],
        at time: Duration,
        wasAsked: Bool
    ) -> Bool {
        guard let int8Drift else { preconditionFailure("an exact pass in int8 beside steps in floats") }
        var (isNear, isChanging) = (false, false)
        for (score, machine) in zip(scores, machines) {
            isNear = isNear || int8Drift.isInBand(score, around: machine.edge)
            // `confirmed` is the published model's word, so a change needs it however far the score lies from the edge.
            isChanging = isChanging || machine.stage(after: score, at: time) != machine.stage
        }
        guard isNear || isChanging else {
            if wasAsked { counts.settled += 1 }
            return false
        }
        count(isChanging: isChanging)
        return true
    }

    private mutating func count(isChanging: Bool) {
        if isChanging { counts.changing += 1 } else { counts.hovering += 1 }
    }
}
