import Glibc
import Synchronization
import System
package import Text

/// A value that a `DurableMark` keeps, as one JSON object.
package protocol MarkContent: Sendable, Equatable {
    /// Reads the value; nil if it makes no sense.
    init?(_ value: JSONValue)

    var line: JSONLine { get }
}

/// Why a mark cannot be opened or written.
package enum MarkFailure: Error, Equatable {
    case denied
    /// Another process, or another object of this one, has the file.
    case inUse
    /// The system's error number.
    case system(Int32)
}

/// A small file that keeps a value over restarts. Its lock keeps a second owner out for as long as this object lives.
///
/// One JSON line in one sector, overwritten in place, so that a full disk takes it as well. A kill of this process does
/// it no harm. After a crash of the machine it holds the last value that was written durably, or a later one.
package final class DurableMark<Value: MarkContent>: Sendable {
    package typealias Content = Value
    package typealias Failure = MarkFailure

    /// The bytes of the file.
    package static var size: Int { 512 }

    private let path: String
    private let identity: FileIdentity?
    private let descriptor: FileDescriptor
    /// The value that the file had; nil if it was new or could not be read.
    package let found: Value?
    private let content: Mutex<Value>
    /// Held while writing. A thread that waits for it then writes the value of that time.
    private let writing = Mutex(())

    /// Opens and locks the file, and makes it if there is none.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - fresh: the value of a new file, or of one that cannot be read. It is not written yet.
    package init(path: String, fresh: Value) throws(MarkFailure) {
        let (raw, number) = uninterrupted { open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600) }
        guard raw >= 0 else { throw MarkFailure(number) }
        let descriptor = FileDescriptor(owning: raw)
        let reason = descriptor.lock()
        guard reason == 0 else { throw reason == EWOULDBLOCK ? .inUse : MarkFailure(reason) }
        let found = Self.read(raw)
        self.path = path
        identity = FileIdentity(descriptor: raw)
        self.descriptor = descriptor
        self.found = found
        content = Mutex(found ?? fresh)
    }

    deinit { descriptor.unlock() }

    /// Reads a mark that cannot be opened for writing.
    package static func peek(path: String) -> Value? {
        let (raw, _) = uninterrupted { open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
        guard raw >= 0 else { return nil }
        let descriptor = FileDescriptor(owning: raw)
        return read(descriptor.raw)
    }

    /// Whether the file at the path is the one that was opened.
    package var isInPlace: Bool { identity != nil && FileIdentity(path: path) == identity }

    package var current: Value { content.withLock(\.self) }

    /// Changes the value without waiting for the disk; `write` writes it.
    package func change(_ body: (inout Value) -> Void) {
        content.withLock { body(&$0) }
    }

    /// Writes the value.
    ///
    /// - Parameter durably: whether to wait until it survives a crash of the machine.
    package func write(durably: Bool) throws(MarkFailure) {
        let number: Int32 = writing.withLock { _ in
            var bytes = current.line.bytes
            guard bytes.count <= Self.size else { return ENAMETOOLONG }
            let padding = repeatElement(UInt8(ascii: " "), count: Self.size - bytes.count)
            bytes.insert(contentsOf: padding, at: bytes.count - 1)
            let (count, number) = uninterrupted { pwrite(descriptor.raw, bytes, bytes.count, 0) }
            guard count == bytes.count else { return number == 0 ? ENOSPC : number }
            return durably && fdatasync(descriptor.raw) != 0 ? errno : 0
        }
        guard number == 0 else { throw MarkFailure(number) }
    }

    private static func read(_ raw: Int32) -> Value? {
        var bytes = [UInt8](repeating: 0, count: size)
        let (count, _) = uninterrupted { pread(raw, &bytes, bytes.count, 0) }
        guard count > 0, let value = try? JSONValue(parsing: bytes[..<count]) else { return nil }
        return Value(value)
    }
}

extension MarkFailure {
    fileprivate init(_ number: Int32) {
        self = number == EACCES || number == EPERM ? .denied : .system(number)
    }
}
