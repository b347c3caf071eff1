import System

/// Matrices as a kernel packed them, kept in a file for the next start.
///
///     head           "WWPACK1\n"; the key, SHA-256 of all that the contents depend on [32]
///     each matrix    its checksum [8], seeded with its name; its bytes
///
/// Nothing of the file is trusted. Names and sizes are the model's, in the order in which it asks, and a matrix whose checksum
/// differs is packed again. The bytes are read, not mapped: a mapping of a file that is cut short ends the process, and has
/// no huge pages.
package final class PackedFile {
    private static let magic = Array("WWPACK1\n".utf8)

    package let path: String
    private let head: [UInt8]
    private let file: RegularFile?
    private var offset: Int
    /// Of the matrices that were asked for.
    private var names: [String] = []
    private var isWhole: Bool

    /// Opens the file, if it is there, has this key, and nobody but this user or root could have written it.
    ///
    /// - Parameter key: 32 bytes.
    package init(path: String, key: [UInt8]) {
        self.path = path
        head = Self.magic + key
        offset = head.count
        let file = Self.open(path, head)
        isWhole = file != nil
        self.file = file
    }

    private static func open(_ path: String, _ head: [UInt8]) -> RegularFile? {
        guard let file = try? RegularFile(path), file.isOwn, (try? file.bytes(0..<head.count)) == head else {
            return nil
        }
        return file
    }

    /// Reads the next matrix.
    ///
    /// - Returns: false if it has to be packed; `bytes` may hold anything then.
    package func read(_ name: String, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        names.append(name)
        let place = offset
        offset += 8 + bytes.count
        var checksum: UInt64 = 0
        guard
            withUnsafeMutableBytes(of: &checksum, { read(at: place, into: $0) }), read(at: place + 8, into: bytes),
            checksum == Self.checksum(of: UnsafeRawBufferPointer(bytes), name)
        else {
            isWhole = false
            return false
        }
        return true
    }

    private func read(at place: Int, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        do throws(RegularFile.Fault) {
            try file?.read(at: place, into: bytes)
            return file != nil
        } catch {
            return false
        }
    }

    static func checksum(of bytes: UnsafeRawBufferPointer, _ name: String) -> UInt64 {
        XXHash64.hash(bytes, seed: Array(name.utf8).withUnsafeBytes { XXHash64.hash($0) }).littleEndian
    }

    /// Whether the file holds every matrix that was asked for, and nothing else.
    package var isComplete: Bool {
        switch file {
        case .none: false
        case .some(let file): isWhole && file.byteCount == offset
        }
    }

    /// What takes the place of the file, for the matrices that were asked for.
    package var draft: Draft { Draft(path: path, isNeeded: !isComplete, head: head, names: names, byteCount: offset) }
}
