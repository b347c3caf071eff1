import Synchronization

/// The counts of the event socket since it was made.
package struct FeedStatistics: Sendable, Equatable {
    /// Clients that are connected now.
    package var subscribers = 0
    /// Clients accepted so far.
    package var accepted: UInt64 = 0
    /// Clients refused because the limit was reached.
    package var refused: UInt64 = 0
    /// Clients cut off because they read too slowly.
    package var cutOff: UInt64 = 0
    /// Scores dropped because a client did not keep up. Events and stream records are never dropped.
    package var droppedScores: UInt64 = 0
}

/// The statistics, which the server's thread counts and other threads read.
final class FeedCounters: Sendable {
    private let values = Mutex(FeedStatistics())

    var current: FeedStatistics { values.withLock { $0 } }

    func count(_ change: (inout FeedStatistics) -> Void) {
        values.withLock { change(&$0) }
    }
}
