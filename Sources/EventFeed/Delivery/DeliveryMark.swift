import Glibc
import System
package import Text

/// The file that keeps how far a receiver has the feed, so that a daemon that starts again goes on there.
///
/// It is made durable now and then: after a crash of the machine it may hold an earlier record, and some records go out
/// twice.
package final class DeliveryMark {
    package struct Content: MarkContent {
        /// The numbering that `seq` belongs to.
        package var feedID: String
        /// The receiver has every record up to this one.
        package var seq: UInt64

        package init(feedID: String, seq: UInt64) {
            self.feedID = feedID
            self.seq = seq
        }
    }

    package static let size = DurableMark<Content>.size

    private static let flushInterval = Duration.seconds(10)

    private let path: String
    private let mark: DurableMark<Content>
    private var written: Content?
    private var flushed: Instant?

    /// Opens and locks the file, and makes it if there is none.
    package init(path: String) throws(FeedError) {
        do throws(MarkFailure) {
            mark = try DurableMark(path: path, fresh: Content(feedID: "", seq: 0))
        } catch {
            throw Self.failure(path, error)
        }
        self.path = path
        written = mark.found
    }

    /// The content that the file had; nil if it was new or could not be read.
    package var found: Content? { mark.found }

    /// Writes the content if it has changed.
    ///
    /// - Parameter durably: whether to wait until it survives a crash of the machine. This also happens by itself every
    ///   10 s.
    package func write(_ content: Content, durably: Bool = false) throws(FeedError) {
        let isDue = flushed.map { .now - $0 > Self.flushInterval } ?? true
        guard content != written || durably || isDue else { return }
        mark.change { $0 = content }
        do throws(MarkFailure) {
            try mark.write(durably: durably || isDue)
        } catch {
            throw Self.failure(path, error)
        }
        written = content
        if durably || isDue { flushed = .now }
    }

    private static func failure(_ path: String, _ failure: MarkFailure) -> FeedError {
        let (code, reason): (FeedError.Code, String) =
            switch failure {
            case .denied: (.permissionDenied, "\(Errno(EACCES))")
            case .inUse: (.inUse, "another process uses it")
            case .system(let number): (.system, "\(Errno(number))")
            }
        let remedy = "after a restart, records that were sent before may be sent again"
        return FeedError(code: code, message: "cannot keep \(path): \(reason); \(remedy)", path: path)
    }
}

extension DeliveryMark.Content {
    package init?(_ value: JSONValue) {
        guard let feedID = value["feed_id"]?.string, !feedID.isEmpty,
            let seq = value["seq"]?.integer.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        self.init(feedID: feedID, seq: seq)
    }

    package var line: JSONLine {
        var line = JSONLine()
        line.add("feed_id", feedID)
        line.add("seq", seq)
        return line
    }
}
