import EventFeed

/// A connection to the daemon's own feed that has been greeted.
struct EventSocket {
    /// How long the daemon may take to answer itself.
    static let patience = Duration.seconds(20)

    let hello: FeedMessage.Hello
    /// The line of the greeting.
    let greeting: String
    private let client: FeedClient

    /// Connects and waits for the greeting.
    ///
    /// - Throws: `HTTPFault` if the feed does not answer.
    init(_ connect: () throws(FeedError) -> FeedClient) throws(HTTPFault) {
        do throws(FeedError) {
            client = try connect()
        } catch {
            throw .silentFeed
        }
        guard case .message(.hello(let hello), let line)? = try? client.next(within: Self.patience) else {
            throw .silentFeed
        }
        self.hello = hello
        greeting = line
    }

    var feedID: String { hello.feedID ?? "" }
    var seqFirst: UInt64 { hello.seqFirst ?? 1 }
    var seqLast: UInt64 { hello.seqLast ?? 0 }

    /// - Throws: `HTTPFault` if the feed has closed the connection.
    func subscribe(_ subscription: Subscription) throws(HTTPFault) {
        do throws(FeedError) {
            try client.subscribe(subscription)
        } catch {
            throw .silentFeed
        }
    }

    /// Waits for the next message. A connection that breaks has ended.
    func next(within limit: Duration) -> FeedClient.Reading {
        (try? client.next(within: limit)) ?? .ended
    }
}

extension HTTPFault {
    static var silentFeed: HTTPFault { .unavailable("the event socket does not answer: try again") }
}
