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
    /// How long a step of inference takes: the last one, or the one under way if it takes longer already.
    var step = Duration.zero
    /// The shortest window of the streams; nil without streams.
    var window: Duration?

    /// One line for `systemctl status`.
    var line: String {
        "\(decisions) decisions, last within \(lag.milliseconds) ms; pictures: \(encoded) encoded, \(gated) still, "
            + "\(dropped) dropped; \(exactPasses) exact checks" + (slowness.map { "; \($0)" } ?? "")
    }

    /// Why no setting of the streams helps: a single decision takes longer than the window it is about. Nil if it does not.
    var slowness: String? {
        guard let window, step > window else { return nil }
        let seconds = Duration.seconds(step.seconds.rounded()).configured
        return "a decision takes \(seconds), and its window covers \(window.configured): "
            + "this machine does not carry this model; use a smaller one"
    }

    /// The warning for the operator about the time since `earlier`; nil if all is well.
    func complaint(since earlier: PipelineHealth, over time: Duration) -> String? {
        // Said once: it does not change with the number of pictures.
        if let slowness { return earlier.slowness == nil ? slowness : nil }
        let lost = dropped - earlier.dropped
        guard lost > 0 else { return nil }
        return "\(lost) pictures dropped in \(time.configured): inference cannot keep up; "
            + "lengthen the window, use reuse: cached, or watch fewer streams (`watchword bench` shows how many)"
    }
}
