import System

/// What one client, and all together, may take of the daemon.
package struct WebLimits: Sendable, Equatable {
    /// Connections at a time; each has a thread. More are told so and closed.
    package var maxConnections = 128
    /// Of them, those that get events as they come.
    package var maxStreams = 64
    /// How long a head may take from its first byte on.
    package var headTime = Duration.seconds(10)
    /// How long a connection may wait for its next request.
    package var idleTime = Duration.seconds(20)
    /// How long an answer may take to be read.
    package var answerTime = Duration.seconds(20)
    /// How long a stream of events is silent before a comment shows that it lives.
    package var heartbeat = Duration.seconds(15)
    /// How long a stop waits for the connections' threads.
    package var farewell = Duration.seconds(2)

    package init() {}
}
