/// The feed as a program in the daemon delivers it elsewhere.
package struct RecordSource: Sendable {
    /// Connects to the feed.
    package var connect: @Sendable () throws(FeedError) -> FeedClient
    /// The numbering of its records.
    package var feedID: String

    package init(feedID: String, connect: @escaping @Sendable () throws(FeedError) -> FeedClient) {
        self.feedID = feedID
        self.connect = connect
    }
}
