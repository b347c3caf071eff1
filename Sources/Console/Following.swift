import EventFeed
import Text

/// A feed that is read to its end, or for ever. `EventFollower` reads a daemon's, `FleetFollower` a fleet's.
protocol Following: AnyObject {
    /// Waits for the next message. Records come in order and each once.
    func next(within limit: Duration) throws -> FollowedStep
}

enum FollowedStep {
    /// A message and its line.
    case message(FeedMessage, line: String)
    /// Nothing came in time.
    case nothing
    /// The connection has ended, and it reconnects. Returned once for each connection.
    case lost(reason: String)
}
