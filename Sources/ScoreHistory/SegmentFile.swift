import Glibc
import System
import Text

/// A segment file that is open for appending. A crash may leave half a block at its end: it is cut off when the file is opened
/// again.
struct SegmentFile: ~Copyable {
    /// No segment grows beyond this: what came after it is lost.
    static let byteLimit = 64 << 20
    /// Readable for the group, as the journal's pictures are.
    private static let mode: mode_t = 0o640

    let path: String
    private(set) var byteCount: Int
    /// The bytes of the half block that was cut off; 0 if the file was whole.
    let cut: Int
    private let descriptor: FileDescriptor

    init(path: String) throws(OperationError) {
        let (raw, number) = uninterrupted {
            open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, Self.mode)
        }
        guard raw >= 0 else { throw OperationError("cannot open \(path): \(Errno(number))") }
        let descriptor = FileDescriptor(owning: raw)
        let bytes = try Self.contents(of: path)
        let whole = Self.blocks(in: bytes).wholeBytes
        if whole < bytes.count { try Self.truncate(raw, to: whole, path) }
        self.path = path
        byteCount = whole
        cut = bytes.count - whole
        self.descriptor = descriptor
    }

    /// - Throws: `OperationError` if nothing of the block could be written.
    mutating func append(_ block: HistoryBlock) throws(OperationError) {
        let bytes = block.bytes
        guard byteCount + bytes.count <= Self.byteLimit else {
            throw OperationError("\(path) has reached \(Self.byteLimit >> 20) MiB; what follows is not kept")
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let (count, number) = rest.withUnsafeBytes { bytes in
                uninterrupted { write(descriptor.raw, bytes.baseAddress, bytes.count) }
            }
            guard count > 0 else {
                // Half a block would hide all that follows it.
                if rest.count < bytes.count { try Self.truncate(descriptor.raw, to: byteCount, path) }
                throw OperationError("cannot write \(path): \(Errno(number))")
            }
            rest = rest.dropFirst(count)
        }
        byteCount += bytes.count
    }

    private static func truncate(_ descriptor: Int32, to byteCount: Int, _ path: String) throws(OperationError) {
        let (result, number) = uninterrupted { ftruncate(descriptor, off_t(byteCount)) }
        guard result == 0 else { throw OperationError("cannot cut \(path) to its whole part: \(Errno(number))") }
    }

    static func contents(of path: String) throws(OperationError) -> [UInt8] {
        do throws(RegularFile.Fault) {
            return try RegularFile.contents(of: path, limit: byteLimit)
        } catch {
            let (message, remedy) = error.explanation
            throw OperationError("\(path) \(message); \(remedy)")
        }
    }

    /// The blocks of a file, up to the first that is not whole, and how many bytes they take.
    static func blocks(in bytes: [UInt8]) -> (blocks: [HistoryBlock], wholeBytes: Int) {
        var (blocks, offset): ([HistoryBlock], Int) = ([], 0)
        var labels: Int?
        while let (block, count) = HistoryBlock.read(bytes[offset...], labels: labels) {
            if case .labels(let found) = block { labels = found.labels.count }
            blocks.append(block)
            offset += count
        }
        return (blocks, offset)
    }
}
