import EventFeed
import Glibc
import System
import Text

/// The file that keeps how far the broker has the feed, so that a daemon that starts again goes on there.
///
/// It is made durable now and then: after a crash of the machine it may hold an earlier record, and some records go out
/// twice.
final class DeliveryMark {
    struct Content: MarkContent {
        /// The numbering that `seq` belongs to.
        var feedID: String
        /// The broker has every record up to this one.
        var seq: UInt64
    }

    static let size = DurableMark<Content>.size

    private static let flushInterval = Duration.seconds(10)

    private let mark: DurableMark<Content>
    private var written: Content?
    private var flushed: Instant?

    /// Opens and locks the file, and makes it if there is none.
    init(path: String) throws(MQTTFeedError) {
        do throws(MarkFailure) {
            mark = try DurableMark(path: path, fresh: Content(feedID: "", seq: 0))
        } catch {
            throw Self.failure(path, error)
        }
        written = mark.found
    }

    /// The content that the file had; nil if it was new or could not be read.
    var found: Content? { mark.found }

    /// Writes the content if it has changed.
    ///
    /// - Parameter durably: whether to wait until it survives a crash of the machine. This also happens by itself every
    ///   10 s.
    func write(_ content: Content, durably: Bool = false) throws(MQTTFeedError) {
        let isDue = flushed.map { .now - $0 > Self.flushInterval } ?? true
        guard content != written || durably || isDue else { return }
        mark.change { $0 = content }
        do throws(MarkFailure) {
            try mark.write(durably: durably || isDue)
        } catch {
            throw Self.failure("the mark of what the broker has", error)
        }
        written = content
        if durably || isDue { flushed = .now }
    }

    private static func failure(_ object: String, _ failure: MarkFailure) -> MQTTFeedError {
        let reason =
            switch failure {
            case .denied: "\(Errno(EACCES))"
            case .inUse: "another process uses it"
            case .system(let number): "\(Errno(number))"
            }
        let remedy = "after a restart, records that were sent before may be sent again"
        return MQTTFeedError("cannot keep \(object): \(reason); \(remedy)")
    }
}

extension DeliveryMark.Content {
    init?(_ value: JSONValue) {
        guard let feedID = value["feed_id"]?.string, !feedID.isEmpty,
            let seq = value["seq"]?.integer.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        self.init(feedID: feedID, seq: seq)
    }

    var line: JSONLine {
        var line = JSONLine()
        line.add("feed_id", feedID)
        line.add("seq", seq)
        return line
    }
}
