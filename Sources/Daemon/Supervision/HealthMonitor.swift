import Events
import System
import Text

/// A stream's health from the events of its source, and when to report it. Pure: the time comes with each call.
///
/// online ↔ degraded (trouble, but pictures came a moment ago; or pictures with a concern) → offline (no picture for
/// `patience`, or never any).
///
/// A source that comes and goes would fill the journal. So there are a few reports at once and then one a minute, which
/// counts the changes since the last.
struct HealthMonitor: Sendable {
    struct Report: Sendable, Equatable {
        var state: StreamHealth.State
        var reason: String?
        /// When the state began, on the monotonic clock.
        var since: Duration
    }

    /// What an event of the source leads to.
    struct Outcome: Sendable, Equatable {
        /// To be published; nil if there is nothing to report now.
        var report: Report?
        /// Whether the source has just been lost: its open events end.
        var isLoss = false
    }

    /// The reports that may follow at once, and the time after which there may be a further one.
    static let reportsAtOnce = 12
    static let reportInterval = Duration.seconds(60)

    /// How long a source may be without pictures before it counts as gone.
    let patience: Duration
    /// The state now, whether it has been reported or not.
    private(set) var current: Report?
    private var reported: Report?
    private var lastPicture: Duration?
    /// The reports that may follow at once, as of `counted`.
    private var allowance = Double(HealthMonitor.reportsAtOnce)
    private var counted: Duration?
    /// The changes since the last report, and when the first of them came.
    private var unreported = 0
    private var firstUnreported = Duration.zero

    init(patience: Duration) { self.patience = patience }

    /// A picture came.
    ///
    /// - Parameter concern: what is wrong with the pictures; nil if nothing is.
    mutating func picture(at time: Duration, concern: String? = nil) -> Outcome {
        lastPicture = time
        return change(to: concern == nil ? .online : .degraded, reason: concern, at: time)
    }

    /// The source failed, or time passed without it.
    mutating func trouble(_ reason: String, at time: Duration) -> Outcome {
        guard let lastPicture else { return change(to: .offline, reason: reason, at: time) }
        let gone = time - lastPicture >= patience
        if !gone && current?.state == .offline { return report(at: time) }
        return change(to: gone ? .offline : .degraded, reason: reason, at: time)
    }

    /// How long the source may still be without pictures before it counts as gone, in tenths of a second: people read it in
    /// a reason. Nil if it already counts as gone.
    func patienceLeft(at time: Duration) -> Duration? {
        guard let lastPicture, current?.state != .offline else { return nil }
        return max(.zero, .milliseconds((patience - (time - lastPicture)).milliseconds / 100 * 100))
    }

    private mutating func change(to state: StreamHealth.State, reason: String?, at time: Duration) -> Outcome {
        let isSame = state == current?.state
        if isSame, state == .degraded { current?.reason = reason }
        // The reason may change while the state does not: refused first, then the wrong password.
        if !isSame || state == .offline && reason != current?.reason {
            let since = isSame ? current?.since ?? time : time
            current = Report(state: state, reason: reason, since: since)
            if unreported == 0 { firstUnreported = time }
            unreported += 1
        }
        var outcome = report(at: time)
        outcome.isLoss = !isSame && state == .offline
        return outcome
    }

    /// Reports the current state if it is news and there may be a report now.
    private mutating func report(at time: Duration) -> Outcome {
        guard let current, unreported > 0 else { return Outcome() }
        if let counted { allowance += (time - counted) / Self.reportInterval }
        allowance = min(allowance, Double(Self.reportsAtOnce))
        counted = time
        guard allowance >= 1 else { return Outcome() }
        defer { unreported = 0 }
        // Back at what was reported last, within moments of a full allowance: nothing has happened.
        if unreported == 1, current == reported { return Outcome() }
        allowance -= 1
        reported = current
        var report = current
        if unreported > 1 {
            let span = Duration.seconds((time - firstUnreported).seconds.rounded(.up))
            let flaps = "its health changed \(unreported) times in \(span.configured)"
            report.reason = [current.reason, flaps].compactMap(\.self).joined(separator: "; ")
        }
        return Outcome(report: report)
    }
}
