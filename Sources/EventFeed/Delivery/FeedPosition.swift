/// The last delivered record, and its numbering.
package struct FeedPosition: Sendable, Equatable {
    package var feedID: String
    package var seq: UInt64

    package init(feedID: String, seq: UInt64) {
        self.feedID = feedID
        self.seq = seq
    }

    /// Goes on at the mark. If the mark has another numbering, all records are new. Without a mark the receiver was not
    /// configured so far, and gets only later records.
    ///
    /// - Parameters:
    ///   - feedID: the numbering of the feed.
    ///   - found: the mark; nil for none.
    ///   - first: the last record that the receiver is not to get.
    package init(feedID: String, found: DeliveryMark.Content?, first: UInt64) {
        self.feedID = feedID
        seq = found.map { $0.feedID == feedID ? $0.seq : 0 } ?? first
    }
}

extension FeedPosition {
    /// The content of the mark that keeps this position.
    package var mark: DeliveryMark.Content { DeliveryMark.Content(feedID: feedID, seq: seq) }
}

extension ClosedRange<UInt64> {
    /// The number of records.
    package var length: UInt64 { upperBound - lowerBound &+ 1 }

    /// Records that a receiver misses, for people.
    package var asLost: String { "records \(lowerBound) to \(upperBound): they are no longer kept" }
}
