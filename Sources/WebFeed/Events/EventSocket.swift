import EventFeed
import System
import Text

/// A connection to the daemon's own event socket.
struct EventSocket: ~Copyable {
    /// How long the daemon may take to answer itself.
    static let patience = Duration.seconds(5)

    let hello: JSONValue
    let helloText: String
    private var client: FeedClient
    /// Whether the answer to a subscription is still to come. What comes before it was published before the daemon read
    /// the request; a subscription that goes back in time brings it once more.
    private var awaitsSnapshot = false

    /// - Throws: `HTTPFault` where the event socket is not served.
    init(path: String) throws(HTTPFault) {
        var client = try Self.connect(path)
        let text = try Self.greeting(&client)
        guard let hello = try? JSONValue(parsing: text.utf8), hello["type"]?.string == "hello" else {
            throw .silentFeed
        }
        self.hello = hello
        helloText = text
        self.client = client
    }

    private static func connect(_ path: String) throws(HTTPFault) -> FeedClient {
        do throws(FeedError) {
            return try FeedClient(connectingTo: path)
        } catch {
            throw .silentFeed
        }
    }

    private static func greeting(_ client: inout FeedClient) throws(HTTPFault) -> String {
        guard case .line(let line) = try? client.nextLine(timeout: patience) else { throw .silentFeed }
        return line
    }

    var feedID: String { hello["feed_id"]?.string ?? "" }
    var seqFirst: UInt64 { hello.seq("seq_first") ?? 1 }
    var seqLast: UInt64 { hello.seq("seq_last") ?? 0 }

    mutating func subscribe(types: [String], streams: [String], labels: [String], since: UInt64?) throws(HTTPFault) {
        var wanted = JSONLine()
        wanted.add("types", types)
        if !streams.isEmpty { wanted.add("streams", streams) }
        if !labels.isEmpty { wanted.add("labels", labels) }
        if let since { wanted.add("since", since) }
        var request = JSONLine()
        request.add("subscribe", wanted)
        do throws(FeedError) {
            try client.send(request.text)
        } catch {
            throw .silentFeed
        }
        awaitsSnapshot = true
    }

    mutating func next(within limit: Duration) -> FeedClient.Reading {
        do throws(FeedError) {
            while true {
                let reading = try client.nextLine(timeout: limit)
                guard awaitsSnapshot, case .line(let line) = reading else { return reading }
                let type = (try? JSONValue(parsing: line.utf8))?["type"]?.string
                awaitsSnapshot = type != "snapshot" && type != "error"
                if !awaitsSnapshot { return reading }
            }
        } catch {
            return .ended
        }
    }
}

extension HTTPFault {
    static var silentFeed: HTTPFault { .unavailable("the event socket does not answer: try again") }
}

extension JSONValue {
    func seq(_ key: String) -> UInt64? { self[key]?.integer.flatMap { UInt64(exactly: $0) } }
}
