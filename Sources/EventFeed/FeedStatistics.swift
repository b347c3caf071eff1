import Synchronization

/// What the event socket has done since it was made.
package struct FeedStatistics: Sendable, Equatable {
    /// Clients connected now.
    package var subscribers = 0
    /// Clients ever let in.
    package var accepted: UInt64 = 0
    /// Clients turned away for there were too many.
    package var refused: UInt64 = 0
    /// Clients cut off for they did not read.
    package var cutOff: UInt64 = 0
    /// Scores not passed on to a client for it did not keep up. Events and stream records are never dropped.
    package var droppedScores: UInt64 = 0
}

/// The statistics as the server's thread counts them and others read them.
final class FeedCounters: Sendable {
    private let values = Mutex(FeedStatistics())

    var current: FeedStatistics { values.withLock { $0 } }

    func count(_ change: (inout FeedStatistics) -> Void) {
        values.withLock { change(&$0) }
    }
}
