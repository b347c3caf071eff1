package import Text

/// Where what is served comes from. Each is called on a client's thread and may block it for a while.
package struct WebSources: Sendable {
    /// The newest picture of a stream.
    package enum Picture: Sendable, Equatable {
        /// JPEG, and when it was taken.
        case jpeg([UInt8], taken: UTCTime)
        /// There is a stream of this name, and no picture of it: why.
        case none(String)
        case noSuchStream
    }

    /// What may be kept of an event to look at.
    package enum Keepsake: Sendable, Equatable {
        /// A JPEG strip of what decided its start.
        case picture
        /// An MP4 clip around it.
        case clip
    }

    /// The event socket's path: events and scores come from there, as any client's do.
    package var eventSocket: String
    /// The answer to `/api/v1/streams`.
    package var streams: @Sendable () -> JSONLine
    package var picture: @Sendable (_ stream: String) -> Picture
    /// What is kept of an event: nil where nothing is.
    package var keepsake: @Sendable (_ event: String, _ kind: Keepsake) -> [UInt8]?
    /// Why the daemon is not ready; nil where it is.
    package var unreadiness: @Sendable () -> String?
    /// The text of `/metrics`; nil where there is none.
    package var metrics: (@Sendable () -> String)?

    package init(
        eventSocket: String,
        streams: @escaping @Sendable () -> JSONLine,
        picture: @escaping @Sendable (_ stream: String) -> Picture,
        keepsake: @escaping @Sendable (_ event: String, _ kind: Keepsake) -> [UInt8]?,
        unreadiness: @escaping @Sendable () -> String?,
        metrics: (@Sendable () -> String)?
    ) {
        self.eventSocket = eventSocket
        self.streams = streams
        self.picture = picture
        self.keepsake = keepsake
        self.unreadiness = unreadiness
        self.metrics = metrics
    }
}
