package import Text

/// How a stream is doing.
package struct StreamHealth: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case online, degraded, offline
    }

    package var stream: String
    package var state: State
    /// What is wrong, in words; nil where nothing is.
    package var reason: String?
    /// When this state began.
    package var since: UTCTime

    package init(stream: String, state: State, reason: String? = nil, since: UTCTime) {
        self.stream = stream
        self.state = state
        self.reason = reason
        self.since = since
    }
}
