import System

/// The limits for one client, and for all together.
package struct WebLimits: Sendable, Equatable {
    /// The most connections at a time; each has a thread. Further ones are refused with an answer.
    package var maxConnections = 128
    /// The most of them that receive live events.
    package var maxStreams = 64
    /// How long a request's head may take from its first byte on.
    package var headTime = Duration.seconds(10)
    /// How long a connection may wait for its next request.
    package var idleTime = Duration.seconds(20)
    /// How long a client may take to read an answer.
    package var answerTime = Duration.seconds(20)
    /// How long a stream of events may be silent before the server sends a comment as a sign of life.
    package var heartbeat = Duration.seconds(15)
    /// How long a stop waits for the connections' threads.
    package var farewell = Duration.seconds(2)

    package init() {}
}
