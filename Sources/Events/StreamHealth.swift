package import Text

/// The health of a stream.
package struct StreamHealth: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case online, degraded, offline
    }

    package var stream: String
    package var state: State
    /// The problem, in words; nil if there is none.
    package var reason: String?
    /// When this state began.
    package var since: UTCTime
    /// As an event's.
    package var epoch: UInt64?

    package init(stream: String, state: State, reason: String? = nil, since: UTCTime) {
        self.stream = stream
        self.state = state
        self.reason = reason
        self.since = since
    }
}
