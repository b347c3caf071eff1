import Glibc
import Synchronization
import System
import Text

/// The small file beside the journal that keeps numbers from being given twice, whatever befalls the database. Its lock
/// keeps a second daemon out for as long as this object lives.
///
/// One JSON line in one sector, written over in place, so that it takes a full disk as well. `reserved` is on the disk
/// before any number up to it is given: where records may have gone out that are not in the database (the disk refused
/// them, the machine went down), numbering goes on after it.
final class SequenceMark: Sendable {
    enum State: String {
        /// A clean end: all that was given is in the database.
        case closed
        /// In use; all that was given is in the database unless the machine goes down.
        case open
        /// In use, and records were given that the database does not have.
        case unsaved
    }

    struct Content: Equatable {
        var feedID: String
        var reserved: UInt64
        var state: State
        var bootID: String
    }

    enum Failure: Error, Equatable {
        case denied
        case inUse
        /// The system's error number.
        case system(Int32)
    }

    static let size = 512

    private let descriptor: FileDescriptor
    /// What the file had; nil where there was none, or nothing that can be read.
    let found: Content?
    private let content: Mutex<Content>
    /// Held while writing: whoever comes late writes what holds by then.
    private let writing = Mutex(())

    /// Opens and locks the file, made where there is none. `fresh` is what it then holds; not yet written.
    init(path: String, fresh: Content) throws(Failure) {
        let (raw, number) = uninterrupted { open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        guard raw >= 0 else { throw Self.failure(number) }
        let descriptor = FileDescriptor(owning: raw)
        let (locked, reason) = uninterrupted { flock(raw, LOCK_EX | LOCK_NB) }
        guard locked == 0 else { throw reason == EWOULDBLOCK ? .inUse : Self.failure(reason) }
        let found = Self.read(raw)
        self.descriptor = descriptor
        self.found = found
        content = Mutex(found ?? fresh)
    }

    /// Reads a mark that cannot be opened for writing.
    static func peek(path: String) -> Content? {
        let (raw, _) = uninterrupted { open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        guard raw >= 0 else { return nil }
        let descriptor = FileDescriptor(owning: raw)
        return read(descriptor.raw)
    }

    var current: Content { content.withLock(\.self) }

    /// Changes what the file is to hold; never waits for the disk. `write` brings it there.
    func change(_ body: (inout Content) -> Void) {
        content.withLock { body(&$0) }
    }

    /// Writes what the file is to hold.
    ///
    /// - Parameter durably: not only so that a kill of this process does no harm.
    func write(durably: Bool) throws(Failure) {
        let number: Int32 = writing.withLock { _ in
            var bytes = current.line.bytes
            guard bytes.count <= Self.size else { return ENAMETOOLONG }
            let padding = repeatElement(UInt8(ascii: " "), count: Self.size - bytes.count)
            bytes.insert(contentsOf: padding, at: bytes.count - 1)
            let (count, number) = uninterrupted { pwrite(descriptor.raw, bytes, bytes.count, 0) }
            guard count == bytes.count else { return number == 0 ? ENOSPC : number }
            return durably && fdatasync(descriptor.raw) != 0 ? errno : 0
        }
        guard number == 0 else { throw Self.failure(number) }
    }

    private static func failure(_ number: Int32) -> Failure {
        number == EACCES || number == EPERM ? .denied : .system(number)
    }

    private static func read(_ raw: Int32) -> Content? {
        var bytes = [UInt8](repeating: 0, count: size)
        let (count, _) = uninterrupted { pread(raw, &bytes, bytes.count, 0) }
        guard count > 0, let value = try? JSONValue(parsing: bytes[..<count]) else { return nil }
        return Content(value)
    }
}

extension SequenceMark.Content {
    fileprivate init?(_ value: JSONValue) {
        guard let feedID = value["feed_id"]?.string, !feedID.isEmpty, feedID.utf8.count <= 64,
            let reserved = value["reserved"]?.integer, (0...Int64.max / 2).contains(reserved),
            let state = value["state"]?.string.flatMap(SequenceMark.State.init(rawValue:)),
            let bootID = value["boot_id"]?.string
        else { return nil }
        self.init(feedID: feedID, reserved: UInt64(reserved), state: state, bootID: bootID)
    }

    fileprivate var line: JSONLine {
        var line = JSONLine()
        line.add("feed_id", feedID)
        line.add("reserved", reserved)
        line.add("state", state.rawValue)
        line.add("boot_id", bootID)
        return line
    }
}
