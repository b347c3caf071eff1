/// What one client, and all together, may take of the daemon.
public struct WebLimits: Sendable, Equatable {
    /// Connections at a time; each has a thread. More are told so and closed.
    public var maxConnections = 128
    /// Of them, those that get events as they come.
    public var maxStreams = 64
    /// How long a head may take from its first byte on.
    public var headTime = Duration.seconds(10)
    /// How long a connection may wait for its next request.
    public var idleTime = Duration.seconds(20)
    /// How long an answer may take to be read.
    public var answerTime = Duration.seconds(20)
    /// How long a stream of events is silent before a comment shows that it lives.
    public var heartbeat = Duration.seconds(15)
    /// How long a stop waits for the connections' threads.
    public var farewell = Duration.seconds(2)

    public init() {}
}
