import System

/// What a client may ask of the event socket.
package struct FeedLimits: Sendable, Equatable {
    package var maxClients = 1024
    /// Bytes that may wait for one client before it is cut off.
    package var maxBufferedBytes = 4 * 1024 * 1024
    /// The longest request line.
    package var maxRequestBytes = 64 * 1024
    /// How long a client that is being cut off has to read what is left for it.
    package var farewell = Duration.seconds(5)
    /// How long a stop waits for clients to read what is left for them.
    package var drain = Duration.seconds(1)

    package init() {}

    /// A replay goes on when less than this waits for the client.
    var replayBytes: Int { min(256 * 1024, maxBufferedBytes / 4) }
    /// Scores pass a client by when more than this waits for it.
    var scoresBytes: Int { maxBufferedBytes / 4 }
}
