import Events
import Text

/// A stream's health, debounced, from the events of its source. Pure: every input returns the state to report, or nil.
///
/// online ↔ degraded (trouble, but pictures came a moment ago; or frozen pictures) → offline (no picture for `patience`,
/// or never any).
struct HealthMonitor: Sendable {
    struct Report: Sendable, Equatable {
        var state: StreamHealth.State
        var reason: String?
        /// When the state began, on the monotonic clock.
        var since: Duration
    }

    /// How long a source may be without pictures before it counts as gone.
    let patience: Duration
    private(set) var report: Report?
    private var lastPicture: Duration?

    init(patience: Duration) { self.patience = patience }

    /// A picture came.
    ///
    /// - Parameter frozen: how long it has been the same to the last bit, if that is too long; else nil.
    mutating func picture(at time: Duration, frozen: Duration? = nil) -> Report? {
        lastPicture = time
        guard let frozen else { return change(to: .online, reason: nil, at: time) }
        let reason = "the picture is frozen: it has not changed by a bit for \(frozen.configured)"
        return change(to: .degraded, reason: reason, at: time)
    }

    /// The source failed, or time passed without it.
    mutating func trouble(_ reason: String, at time: Duration) -> Report? {
        guard let lastPicture else { return change(to: .offline, reason: reason, at: time) }
        let gone = time - lastPicture >= patience
        if !gone && report?.state == .offline { return nil }
        return change(to: gone ? .offline : .degraded, reason: reason, at: time)
    }

    /// How long the source may still be without pictures before it counts as gone; nil if it already does.
    func patienceLeft(at time: Duration) -> Duration? {
        guard let lastPicture, report?.state != .offline else { return nil }
        return max(.zero, patience - (time - lastPicture))
    }

    private mutating func change(to state: StreamHealth.State, reason: String?, at time: Duration) -> Report? {
        // The reason may change while the state does not: refused first, then the wrong password.
        if state == report?.state, state != .offline || reason == report?.reason { return nil }
        let since = state == report?.state ? report?.since ?? time : time
        let report = Report(state: state, reason: reason, since: since)
        self.report = report
        return report
    }
}
