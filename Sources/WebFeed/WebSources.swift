package import EventFeed
package import Text

/// The sources of the pages' content. Each is called on a client's thread and may block it for a while.
package struct WebSources: Sendable {
    /// The newest picture of a stream.
    package enum Picture: Sendable, Equatable {
        /// JPEG, and when it was taken.
        case jpeg([UInt8], taken: UTCTime)
        /// The stream has no picture yet, and may have one soon.
        case opening
        /// The stream has no picture; the text says why.
        case none(String)
        case noSuchStream
    }

    /// A file that may be kept of an event.
    package enum Keepsake: Sendable, Equatable {
        /// A JPEG strip of the pictures that decided its start.
        case picture
        /// An MP4 clip around it.
        case clip
    }

    /// Connects to the feed, from which events and scores come as for any other client.
    package var connect: @Sendable () throws(FeedError) -> FeedClient
    /// The answer to `/api/v1/streams`.
    package var streams: @Sendable () -> JSONLine
    package var picture: @Sendable (_ stream: String) -> Picture
    /// The bytes of a file that is kept of an event; nil if there is none.
    package var keepsake: @Sendable (_ event: String, _ kind: Keepsake) -> [UInt8]?
    /// Why the daemon is not ready; nil if it is.
    package var unreadiness: @Sendable () -> String?
    /// The text of `/metrics`; nil if there are no metrics.
    package var metrics: (@Sendable () -> String)?

    package init(
        connect: @escaping @Sendable () throws(FeedError) -> FeedClient,
        streams: @escaping @Sendable () -> JSONLine,
        picture: @escaping @Sendable (_ stream: String) -> Picture,
        keepsake: @escaping @Sendable (_ event: String, _ kind: Keepsake) -> [UInt8]?,
        unreadiness: @escaping @Sendable () -> String?,
        metrics: (@Sendable () -> String)?
    ) {
        self.connect = connect
        self.streams = streams
        self.picture = picture
        self.keepsake = keepsake
        self.unreadiness = unreadiness
        self.metrics = metrics
    }
}
