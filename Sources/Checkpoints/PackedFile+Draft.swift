import Glibc
package import System

extension PackedFile {
    /// A file of packed matrices that is still to be written, at any time and on any thread.
    package struct Draft: Sendable {
        package let path: String
        /// Whether the file that was opened lacks anything, or holds anything else.
        package let isNeeded: Bool
        let head: [UInt8]
        /// Of the matrices that were asked for.
        let names: [String]
        let byteCount: Int

        /// Puts a file with the matrices that were asked for in the place of the one that was opened. It gets its name
        /// when it is written, so that no reader finds half of it; what a crash leaves on the disk has a wrong
        /// checksum.
        ///
        /// - Throws: the system's error; EPERM if the file would not be taken (`RegularFile.isOwn`). Then the file at
        ///   the path is as before.
        package func write(_ matrices: [UnsafeRawBufferPointer]) throws(Errno) {
            precondition(matrices.count == names.count, "the matrices that were asked for are written")
            var draft = ""
            let descriptor = try Self.make(&draft, beside: path)
            do throws(Errno) {
                // A mount may give files another owner or mode than they are made with.
                guard try descriptor.isOwn() else { throw Errno(EPERM) }
                try Self.requireRoom(for: byteCount, descriptor)
                var fault = head.withUnsafeBytes { Self.write($0, descriptor) }
                for (name, matrix) in zip(names, matrices) where fault == nil {
                    let checksum = [PackedFile.checksum(of: matrix, name)]
                    fault = checksum.withUnsafeBytes { Self.write($0, descriptor) } ?? Self.write(matrix, descriptor)
                }
                if let fault { throw fault }
                guard rename(draft, path) == 0 else { throw .last }
            } catch {
                unlink(draft)
                throw error
            }
        }

        /// Makes a file that is locked for as long as it is open.
        ///
        /// - Parameter draft: becomes its path.
        private static func make(_ draft: inout String, beside path: String) throws(Errno) -> FileDescriptor {
            while true {
                draft = "\(path).\(RandomIdentifier.make())"
                let (raw, number) = uninterrupted {
                    open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
                }
                guard raw >= 0 else { throw Errno(number) }
                let descriptor = FileDescriptor(owning: raw)
                // Before it had the lock, another process may have removed it as abandoned, or be about to.
                if descriptor.lock() != EWOULDBLOCK, access(draft, F_OK) == 0 { return descriptor }
            }
        }

        /// Removes a draft unless somebody writes it.
        package static func removeAbandoned(_ draft: String) {
            let (raw, _) = uninterrupted { open(draft, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW) }
            guard raw >= 0 else { return }
            let descriptor = FileDescriptor(owning: raw)
            if descriptor.lock() == 0 { unlink(draft) }
        }

        /// The disk keeps as much free as the file takes. A write beyond the limit of `ulimit -f` would end the
        /// process.
        private static func requireRoom(
            for bytes: Int,
            _ descriptor: borrowing FileDescriptor
        ) throws(Errno) {
            var (volume, limit) = (statvfs(), rlimit())
            guard fstatvfs(descriptor.raw, &volume) == 0 else { throw .last }
            guard Int(clamping: volume.f_bavail) / 2 > bytes / max(1, Int(clamping: volume.f_frsize)) else {
                throw Errno(ENOSPC)
            }
            guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { throw .last }
            guard limit.rlim_cur >= UInt64(bytes) else { throw Errno(EFBIG) }
        }

        /// - Returns: why not all of it could be written.
        private static func write(
            _ bytes: UnsafeRawBufferPointer,
            _ descriptor: borrowing FileDescriptor
        ) -> Errno? {
            var done = 0
            while done < bytes.count {
                let (count, number) = uninterrupted {
                    Glibc.write(descriptor.raw, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                }
                guard count > 0 else { return Errno(number == 0 ? ENOSPC : number) }
                done += count
            }
            return nil
        }
    }
}
