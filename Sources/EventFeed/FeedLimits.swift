/// What a client may ask of the event socket.
public struct FeedLimits: Sendable, Equatable {
    public var maxClients = 1024
    /// Bytes that may wait for one client before it is cut off.
    public var maxBufferedBytes = 4 * 1024 * 1024
    /// The longest request line.
    public var maxRequestBytes = 64 * 1024
    /// How long a client that is being cut off has to read what is left for it.
    public var farewell = Duration.seconds(5)
    /// How long a stop waits for clients to read what is left for them.
    public var drain = Duration.seconds(1)

    public init() {}

    /// A replay goes on when less than this waits for the client.
    var replayBytes: Int { min(256 * 1024, maxBufferedBytes / 4) }
    /// Scores pass a client by when more than this waits for it.
    var scoresBytes: Int { maxBufferedBytes / 4 }
}
