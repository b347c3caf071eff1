import Foundation
import System

/// A file that is being fetched: `TAG.incomplete`, locked against a second pull, and the file itself once it is whole.
///
/// What was fetched before a break stays in it. huggingface_hub gives it the same name.
final class PartialFile {
    let path: String
    private(set) var byteCount = 0
    /// Why the last `append` failed.
    private(set) var problem: ModelHubError?
    private let descriptor: Int32

    /// - Throws: `ModelHubError` where it cannot be written, or another pull writes it.
    init(path: String) throws(ModelHubError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else { throw Self.failure(path, code) }
            throw ModelHubError(.storage, "\(path): another pull is fetching it; wait for that one")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw Self.failure(path, code)
        }
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// False where it could not be written: `problem` says why. What was written of it is kept.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = UnsafeRawBufferPointer(rebasing: rest).withMemoryRebound(to: UInt8.self) {
                write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                problem = Self.failure(path, errno)
                return false
            }
            byteCount += count
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Begins anew.
    func clear() throws(ModelHubError) {
        guard ftruncate(descriptor, 0) == 0 else { throw Self.failure(path, errno) }
        byteCount = 0
    }

    /// Makes it the file `destination`, on the disk before it has the name.
    func finish(as destination: String) throws(ModelHubError) {
        guard fsync(descriptor) == 0, rename(path, destination) == 0 else { throw Self.failure(destination, errno) }
    }

    func discard() { unlink(path) }

    /// Says at once what would only show after most of the download.
    func requireRoom(for total: Int) throws(ModelHubError) {
        var volume = statvfs()
        guard fstatvfs(descriptor, &volume) == 0 else { return }
        let free = Int(volume.f_bavail) * Int(volume.f_frsize)
        guard total - byteCount > free else { return }
        let (needed, there) = ((total - byteCount) / 1_000_000 + 1, free / 1_000_000)
        throw ModelHubError(
            .storage,
            "\((path as NSString).deletingLastPathComponent): there is room for \(there) MB, and \(needed) MB are needed; "
                + "make room, or name another place in HF_HOME"
        )
    }

    static func failure(_ path: String, _ code: Int32) -> ModelHubError {
        let reason = Errno(code)
        switch code {
        case ENOSPC, EDQUOT, EFBIG:
            return ModelHubError(
                .storage,
                "\(path): cannot be written: \(reason); what has come is kept: make room and pull again"
            )
        default: return ModelHubError(.storage, "\(path): cannot be written: \(reason)")
        }
    }
}
