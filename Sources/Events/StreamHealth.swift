/// How a stream is doing.
public struct StreamHealth: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        case online, degraded, offline
    }

    public var stream: String
    public var state: State
    /// What is wrong, in words; nil where nothing is.
    public var reason: String?
    /// When this state began.
    public var since: UTCTime

    public init(stream: String, state: State, reason: String? = nil, since: UTCTime) {
        self.stream = stream
        self.state = state
        self.reason = reason
        self.since = since
    }
}
