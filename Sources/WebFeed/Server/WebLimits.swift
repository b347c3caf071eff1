import System

/// The limits for one client, and for all together.
package struct WebLimits: Sendable, Equatable {
    /// The most connections at a time; each has a thread. For a further one, one that waits for its request is ended.
    package var maxConnections = 128
    /// The most of them from one address. A reverse proxy is one address.
    package var maxPerPeer = 96
    /// The most of them that receive live events.
    package var maxStreams = 64
    /// The most of those from one address.
    package var maxStreamsPerPeer = 48
    /// Further connections while all others are being answered: for `/healthz`, `/readyz` and whoever has the token.
    package var maxReserved = 8
    /// How long a request's head may take on such a connection.
    package var reservedTime = Duration.seconds(2)
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
