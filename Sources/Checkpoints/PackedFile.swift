import Glibc
package import System

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

    private static func checksum(of bytes: UnsafeRawBufferPointer, _ name: String) -> UInt64 {
        XXHash64.hash(bytes, seed: Array(name.utf8).withUnsafeBytes { XXHash64.hash($0) }).littleEndian
    }

    /// Whether the file holds every matrix that was asked for, and nothing else.
    package var isComplete: Bool {
        switch file {
        case .none: false
        case .some(let file): isWhole && file.byteCount == offset
        }
    }

    /// Puts a file with the matrices that were asked for in the place of the one that was opened. It gets its name when it is
    /// written, so that no reader finds half of it; what a crash leaves on the disk has a wrong checksum.
    ///
    /// - Throws: the system's error. Then the file at the path is as before.
    package func write(_ matrices: [UnsafeRawBufferPointer]) throws(Errno) {
        precondition(matrices.count == names.count, "the matrices that were asked for are written")
        let draft = "\(path).\(RandomIdentifier.make())"
        let (raw, number) = uninterrupted {
            Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
        guard raw >= 0 else { throw Errno(number) }
        let descriptor = FileDescriptor(owning: raw)
        do throws(Errno) {
            try Self.requireRoom(for: offset, descriptor)
            var fault = head.withUnsafeBytes { Self.write($0, descriptor) }
            for (name, matrix) in zip(names, matrices) where fault == nil {
                let checksum = [Self.checksum(of: matrix, name)]
                fault = checksum.withUnsafeBytes { Self.write($0, descriptor) } ?? Self.write(matrix, descriptor)
            }
            if let fault { throw fault }
            guard rename(draft, path) == 0 else { throw .last }
        } catch {
            unlink(draft)
            throw error
        }
    }

    /// The disk keeps as much free as the file takes. A write beyond the limit of `ulimit -f` would end the process.
    private static func requireRoom(for bytes: Int, _ descriptor: borrowing FileDescriptor) throws(Errno) {
        var (volume, limit) = (statvfs(), rlimit())
        guard fstatvfs(descriptor.raw, &volume) == 0 else { throw .last }
        guard Int(clamping: volume.f_bavail) / 2 > bytes / max(1, Int(clamping: volume.f_frsize)) else {
            throw Errno(ENOSPC)
        }
        guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { throw .last }
        guard limit.rlim_cur >= UInt64(bytes) else { throw Errno(EFBIG) }
    }

    /// - Returns: why not all of it could be written.
    private static func write(_ bytes: UnsafeRawBufferPointer, _ descriptor: borrowing FileDescriptor) -> Errno? {
        var done = 0
        while done < bytes.count {
            let (count, number) = uninterrupted {
                Glibc.write(descriptor.raw, bytes.baseAddress?.advanced(by: done), bytes.count - done)
            }
            guard count > 0 else { return Errno(number) }
            done += count
        }
        return nil
    }
}
