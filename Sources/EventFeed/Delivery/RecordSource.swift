/// The feed as a program in the daemon delivers it elsewhere.
package struct RecordSource: Sendable {
    /// Connects to the feed.
    package var connect: @Sendable () throws(FeedError) -> any RecordClient
    /// The numbering of its records.
    package var feedID: String
    /// Whether the records of a fleet's cameras are delivered by the fleet, so that they are passed over here.
    package var isWithoutFleet: Bool

    package init(
        feedID: String,
        isWithoutFleet: Bool = false,
        connect: @escaping @Sendable () throws(FeedError) -> any RecordClient
    ) {
        self.feedID = feedID
        self.isWithoutFleet = isWithoutFleet
        self.connect = connect
    }

    /// Whether the record is delivered.
    package func delivers(_ message: FeedMessage) -> Bool { !isWithoutFleet || message.epoch == nil }
}
