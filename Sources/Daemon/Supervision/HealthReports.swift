import EventFeed
import Events
import Text

/// Publishes the health of the streams.
struct HealthReports: Sendable {
    let hub: EventHub
    let silent: SilentStreams
    /// Removes the configuration's secrets from the reasons.
    let redact: @Sendable (String) -> String

    /// Publishes a stream's health, unless the stream is silent.
    func publish(_ health: StreamHealth) {
        guard !silent.contains(health.stream) else { return }
        var health = health
        health.reason = health.reason.map(redact)
        hub.publish(.stream(health))
    }
}

extension HealthMonitor.Report {
    func record(of stream: String) -> StreamHealth {
        StreamHealth(stream: stream, state: state, reason: reason, since: WallClock.time(ofMonotonic: since))
    }
}
