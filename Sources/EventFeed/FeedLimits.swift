import System

/// What clients may ask of the event socket, and how long it waits for them.
package struct FeedLimits: Sendable, Equatable {
    /// The most clients. Those of this process are let in beyond it.
    package var maxClients = 1024
    /// The most bytes that may wait for one client before it is cut off.
    package var maxBufferedBytes = 4 * 1024 * 1024
    /// The most bytes in a request line.
    package var maxRequestBytes = 64 * 1024
    /// How long a client that is cut off has to read what waits for it.
    package var farewell = Duration.seconds(5)
    /// How long a stop waits for clients to read what waits for them.
    package var drain = Duration.seconds(1)

    /// How often the server checks that the socket's file is in place.
    package var socketCheck = Duration.milliseconds(250)

    package init() {}

    /// A replay goes on while fewer bytes than this wait for the client.
    var replayBytes: Int { min(256 * 1024, maxBufferedBytes / 4) }
    /// A client with more waiting bytes than this gets no scores.
    var scoresBytes: Int { maxBufferedBytes / 4 }
}
