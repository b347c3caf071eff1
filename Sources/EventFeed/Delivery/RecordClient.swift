/// A connection to a feed of records: a daemon's own, or a fleet's. For one thread at a time.
package protocol RecordClient: AnyObject {
    /// The descriptor to poll for reading. Messages may also wait in the object: call `next` with a limit of zero until it
    /// returns none.
    var pollable: Int32 { get }

    /// Asks for records. The next message is the snapshot that answers.
    func subscribe(_ subscription: Subscription) throws(FeedError)

    /// Waits for the next message.
    ///
    /// - Parameter limit: nil for no limit.
    func next(within limit: Duration?) throws(FeedError) -> FeedClient.Reading
}

extension FeedClient: RecordClient {}
