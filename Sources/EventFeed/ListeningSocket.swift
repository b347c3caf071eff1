import Glibc
import System

/// A socket that listens, with its place in the file system for as long as this object lives.
///
/// `<path>.lock` is locked all that time and stays behind afterwards, for a lock that is removed protects nobody.
final class ListeningSocket: Sendable {
    let descriptor: FileDescriptor
    /// What was made at the path; nil for a socket that was handed in.
    private let place: Place?

    /// The socket's file; removed at the end, under the lock, if it is still the same one.
    private final class Place: Sendable {
        private let path: String
        private let lock: FileDescriptor
        private let device: dev_t
        private let inode: ino_t

        init(path: String, lock: consuming FileDescriptor) throws(FeedError) {
            var status = stat()
            guard lstat(path, &status) == 0 else { throw FeedError.system("look at", path: path, errno: errno) }
            self.path = path
            self.lock = lock
            device = status.st_dev
            inode = status.st_ino
        }

        deinit {
            var status = stat()
            if lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode {
                unlink(path)
            }
        }
    }

    /// Takes over a descriptor that already listens, as systemd hands it in. Its path, group and mode are systemd's.
    init(listening raw: Int32) throws(FeedError) {
        let descriptor = FileDescriptor(owning: raw)
        let flags = fcntl(raw, F_GETFL)
        guard flags >= 0, fcntl(raw, F_SETFL, flags | O_NONBLOCK) == 0, fcntl(raw, F_SETFD, FD_CLOEXEC) == 0 else {
            throw FeedError.system("use the passed socket", path: "fd \(raw)", errno: errno)
        }
        self.descriptor = descriptor
        place = nil
    }

    /// Binds the path and listens. A stale socket there is taken over; a live one, or anything else, is left alone.
    ///
    /// - Parameter group: gets the socket if it exists and this process may give it away; else it keeps the process's.
    init(path: String, mode: mode_t, group: String?) throws(FeedError) {
        let address = try UnixSocketAddress(path: path)
        try Self.checkDirectory(of: address)
        let lock = try Self.lock(address)
        try Self.removeStaleSocket(at: address)

        let descriptor = try address.makeSocket(nonblocking: true)
        // Linux gives the file the mode that the socket has when it is bound, less the umask: nobody but the owner gets
        // in before group and mode are as they should be.
        guard fchmod(descriptor.raw, 0o600) == 0 else {
            throw FeedError.system("set the mode of", path: path, errno: errno)
        }
        guard address.withPointer({ bind(descriptor.raw, $0, $1) }) == 0 else {
            throw FeedError.system("make the socket", path: path, errno: errno)
        }
        place = try Place(path: path, lock: lock)
        if let group, let id = Self.groupID(named: group) {
            // Refused to those who are not in the group: the socket then keeps the process's own.
            _ = lchown(path, uid_t.max, id)
        }
        guard chmod(path, mode) == 0 else { throw FeedError.system("set the mode of", path: path, errno: errno) }
        guard listen(descriptor.raw, SOMAXCONN) == 0 else {
            throw FeedError.system("listen on", path: path, errno: errno)
        }
        self.descriptor = descriptor
    }

    private static func checkDirectory(of address: UnixSocketAddress) throws(FeedError) {
        var status = stat()
        guard stat(address.directory, &status) == 0 else {
            let number = errno
            guard number == ENOENT || number == ENOTDIR else {
                throw FeedError.system("look into the directory of", path: address.path, errno: number)
            }
            let place = "the directory \(address.directory) of the socket \(address.path)"
            let message = "\(place) does not exist: make it first"
            throw FeedError(code: .noDirectory, message: message, path: address.path)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            let message = "\(address.directory) is no directory: the socket \(address.path) cannot lie in it"
            throw FeedError(code: .noDirectory, message: message, path: address.path)
        }
    }

    private static func lock(_ address: UnixSocketAddress) throws(FeedError) -> FileDescriptor {
        let path = address.path + ".lock"
        let (raw, number) = uninterrupted { open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        guard raw >= 0 else { throw FeedError.system("open the lock file", path: path, errno: number) }
        let descriptor = FileDescriptor(owning: raw)
        let (locked, reason) = uninterrupted { flock(raw, LOCK_EX | LOCK_NB) }
        guard locked == 0 else {
            if reason == EWOULDBLOCK { throw inUse(address.path) }
            throw FeedError.system("lock", path: path, errno: reason)
        }
        return descriptor
    }

    private static func removeStaleSocket(at address: UnixSocketAddress) throws(FeedError) {
        let path = address.path
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw FeedError.system("look at", path: path, errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            let remedy = "move it away, or configure another path for the event socket"
            let message = "\(path) exists and is no socket: \(remedy)"
            throw FeedError(code: .notASocket, message: message, path: path)
        }
        let probe = try address.makeSocket(nonblocking: true)
        let (connected, number) = uninterrupted { address.withPointer { connect(probe.raw, $0, $1) } }
        if connected != 0 && number == ENOENT { return }
        if connected != 0 && (number == EACCES || number == EPERM) {
            throw FeedError.system("find out who holds the socket", path: path, errno: number)
        }
        // All other answers, a full backlog or another kind of socket, come from somebody alive.
        guard connected != 0, number == ECONNREFUSED else { throw inUse(path) }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw FeedError.system("remove the stale socket", path: path, errno: errno)
        }
    }

    private static func inUse(_ path: String) -> FeedError {
        let remedy = "stop the process that serves it, or configure another path for the event socket"
        return FeedError(code: .inUse, message: "the socket \(path) is in use: \(remedy)", path: path)
    }

    private static func groupID(named name: String) -> gid_t? {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var strings = [CChar](repeating: 0, count: 64 * 1024)
        guard getgrnam_r(name, &entry, &strings, strings.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }
}
