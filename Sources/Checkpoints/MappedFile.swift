import Glibc
import System

/// A file mapped read-only into memory for as long as the object lives.
///
/// Weights are copied out while a model loads and the mapping is dropped, so a file that is replaced or cut short later
/// cannot hurt a running daemon.
/// `@unchecked Sendable`: the mapping is read-only and its address never changes.
package final class MappedFile: @unchecked Sendable {
    package let path: String
    package let bytes: UnsafeRawBufferPointer

    package init(path: String) throws(CheckpointError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code: CheckpointError.Code = errno == ENOENT ? .notFound : .unreadable
            throw CheckpointError(code, at: path, Errno.last.description)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CheckpointError(.unreadable, at: path, "not a regular file")
        }
        self.path = path
        let count = Int(status.st_size)
        guard count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard
            let memory = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
            memory != MAP_FAILED
        else { throw CheckpointError(.unreadable, at: path, Errno.last.description) }
        bytes = UnsafeRawBufferPointer(start: memory, count: count)
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }
}
