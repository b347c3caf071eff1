import EventFeed

/// The lines of the event socket that `watchword events` shows.
package struct EventFilter: Sendable {
    /// Patterns; none for all.
    package var streams: [String] = []
    package var labels: [String] = []
    /// States of events; none for all.
    package var states: [String] = []
    /// The record after which to begin; nil for live events only.
    package var since: UInt64?
    package var scores = false

    package init() {}

    func subscription(since: UInt64) -> Subscription {
        Subscription(
            types: scores ? [.event, .stream, .journal, .scores] : [.event, .stream, .journal],
            streams: streams.isEmpty ? nil : streams.map { Glob($0) },
            labels: labels.isEmpty ? nil : labels.map { Glob($0) },
            since: since
        )
    }

    /// Whether a message passes the filters that the daemon does not apply itself.
    func passes(_ message: FeedMessage) -> Bool {
        guard !states.isEmpty, case .event(let event) = message, let state = event.state else { return true }
        return states.contains(state)
    }
}
