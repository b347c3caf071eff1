import Glibc
import System
import Text

/// The small file that says which records the broker has, so that a daemon that is started again goes on there.
///
/// One JSON line in one sector, written over in place. A kill of this process does it no harm; when the machine goes down
/// an older one may hold, and some records go out twice.
final class DeliveryMark {
    struct Content: Equatable {
        /// The numbering that `seq` is of.
        var feedID: String
        var seq: UInt64
    }

    static let size = 512

    private let descriptor: Int32
    /// What the file had; nil where there was none, or nothing that can be read.
    let found: Content?
    private var written: Content?
    private var flushed: Instant?

    /// Opens the file, made where there is none. Throws the system's words.
    init(path: String) throws(MQTTFeedError) {
        let raw = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard raw >= 0 else { throw Self.failure(path, errno) }
        descriptor = raw
        var bytes = [UInt8](repeating: 0, count: Self.size)
        let count = pread(raw, &bytes, bytes.count, 0)
        found = count > 0 ? Content(bytes[..<count]) : nil
        written = found
    }

    deinit { close(descriptor) }

    /// Writes it where it is another than before; to the platter now and then, and when asked to.
    func write(_ content: Content, durably: Bool = false) throws(MQTTFeedError) {
        if content != written {
            var bytes = content.line.bytes
            let padding = repeatElement(UInt8(ascii: " "), count: max(0, Self.size - bytes.count))
            bytes.insert(contentsOf: padding, at: bytes.count - 1)
            guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
                throw Self.failure("the mark of what the broker has", errno)
            }
            written = content
        }
        let isDue = flushed.map { .now - $0 > .seconds(10) } ?? true
        guard durably || isDue else { return }
        fdatasync(descriptor)
        flushed = .now
    }

    private static func failure(_ what: String, _ number: Int32) -> MQTTFeedError {
        let remedy = "after a restart what was sent before may be sent again"
        return MQTTFeedError("cannot keep \(what): \(Errno(number)); \(remedy)")
    }
}

extension DeliveryMark.Content {
    fileprivate init?(_ bytes: ArraySlice<UInt8>) {
        guard let value = try? JSONValue(parsing: bytes), let feedID = value["feed_id"]?.string, !feedID.isEmpty,
            let seq = value["seq"]?.integer.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        self.init(feedID: feedID, seq: seq)
    }

    fileprivate var line: JSONLine {
        var line = JSONLine()
        line.add("feed_id", feedID)
        line.add("seq", seq)
        return line
    }
}
