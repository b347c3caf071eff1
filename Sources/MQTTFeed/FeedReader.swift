import EventFeed
import Text

/// A subscription to the event socket from a record on.
final class FeedReader {
    enum Reading {
        case line(JSONValue, String)
        /// No more has come.
        case nothing
        /// The daemon has closed the connection.
        case ended
    }

    private var client: FeedClient
    private var isSubscribed = false

    /// Connects and asks for what came after the record.
    init(socket: String, since: UInt64) throws(FeedError) {
        client = try FeedClient(connectingTo: socket)
        var inner = JSONLine()
        inner.add("types", ["event", "stream"])
        inner.add("since", since)
        var line = JSONLine()
        line.add("subscribe", inner)
        try client.send(line.text)
    }

    var pollable: Int32 { client.pollable }

    /// The next line that came, without waiting. Records from before the subscription, which come again after it, are
    /// passed over.
    func next() throws(FeedError) -> Reading {
        while true {
            switch try client.nextLine(timeout: .zero) {
            case .timedOut: return .nothing
            case .ended: return .ended
            case .line(let text):
                guard let value = try? JSONValue(parsing: text) else { continue }
                let type = value["type"]?.string
                if type == "snapshot" { isSubscribed = true }
                if isSubscribed || type == "error" { return .line(value, text) }
            }
        }
    }
}
