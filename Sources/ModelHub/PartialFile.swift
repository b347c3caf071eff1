import Foundation
import System

/// A file that is being fetched: `TAG.incomplete`, locked against a second pull. Once complete it is renamed.
///
/// Data fetched before a break stay in it. huggingface_hub uses the same name.
final class PartialFile {
    let path: String
    private(set) var byteCount = 0
    /// Why the last `append` failed.
    private(set) var problem: ModelHubError?
    private let file: FileDescriptor

    /// - Throws: `ModelHubError` if it cannot be written, or another pull writes it.
    init(path: String) throws(ModelHubError) {
        self.path = path
        let (raw, number) = uninterrupted { open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644) }
        guard raw >= 0 else { throw Self.failure(path, number) }
        file = FileDescriptor(owning: raw)
        let reason = file.lock()
        guard reason != EWOULDBLOCK else {
            throw ModelHubError(.storage, "\(path): another pull is fetching it; wait for that one")
        }
        guard reason == 0 else { throw Self.failure(path, reason) }
        var status = stat()
        guard fstat(raw, &status) == 0 else { throw Self.failure(path, errno) }
        byteCount = Int(status.st_size)
    }

    deinit { file.unlock() }

    /// - Returns: false if not everything could be written; `problem` has the reason. The part that was written is kept.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = UnsafeRawBufferPointer(rebasing: rest).withMemoryRebound(to: UInt8.self) {
                write(file.raw, $0.baseAddress, $0.count)
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

    /// Discards the contents.
    func clear() throws(ModelHubError) {
        guard ftruncate(file.raw, 0) == 0 else { throw Self.failure(path, errno) }
        byteCount = 0
    }

    /// Renames the file to `destination` once its contents are on the disk.
    func finish(as destination: String) throws(ModelHubError) {
        guard fsync(file.raw) == 0, rename(path, destination) == 0 else { throw Self.failure(destination, errno) }
    }

    func discard() { unlink(path) }

    /// Detects a full disk before the download instead of after most of it.
    func requireRoom(for total: Int) throws(ModelHubError) {
        var volume = statvfs()
        guard fstatvfs(file.raw, &volume) == 0 else { return }
        let free = Int(volume.f_bavail) * Int(volume.f_frsize)
        guard total - byteCount > free else { return }
        let (needed, there) = ((total - byteCount) / 1_000_000 + 1, free / 1_000_000)
        throw ModelHubError(
            .storage,
            "\((path as NSString).deletingLastPathComponent): \(needed) MB are needed, and only \(there) MB are free; "
                + "make room, or name another place in HF_HOME"
        )
    }

    static func failure(_ path: String, _ code: Int32) -> ModelHubError {
        let reason = Errno(code)
        switch code {
        case ENOSPC, EDQUOT, EFBIG:
            return ModelHubError(
                .storage,
                "\(path): cannot be written: \(reason); the part that has arrived is kept: make room and pull again"
            )
        default: return ModelHubError(.storage, "\(path): cannot be written: \(reason)")
        }
    }
}
