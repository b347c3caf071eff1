import System
import Text

/// The totals of all streams since the start.
struct PipelineHealth: Sendable, Equatable {
    /// Pictures replaced by a newer one before inference took them: the machine is too slow for its streams.
    var dropped = 0
    var decisions = 0
    var encoded = 0
    var gated = 0
    var exactPasses = 0
    /// The longest of the streams' last decisions, from picture to scores.
    var lag = Duration.zero

    /// One line for `systemctl status`.
    var line: String {
        "\(decisions) decisions, last within \(lag.milliseconds) ms; pictures: \(encoded) encoded, \(gated) still, "
            + "\(dropped) dropped; \(exactPasses) exact checks"
    }

    /// The warning for the operator about the time since `earlier`; nil if all is well.
    func complaint(since earlier: PipelineHealth, over time: Duration) -> String? {
        let lost = dropped - earlier.dropped
        guard lost > 0 else { return nil }
        return "\(lost) pictures dropped in \(time.configured): inference cannot keep up; "
            + "lengthen the window, use reuse: cached, or watch fewer streams (`watchword bench` shows how many)"
    }
}
