import Glibc
import System

/// A socket that listens, with its file for as long as this object lives.
///
/// `<path>.lock` is locked all that time and stays behind afterwards: a lock file that is removed protects nobody.
final class ListeningSocket: Sendable {
    let descriptor: FileDescriptor
    let path: String
    /// The file at the path when the socket was made; nil if this process cannot see the file of a socket that was
    /// passed.
    private let identity: FileIdentity?
    /// What was made at the path; nil for a socket that was passed.
    private let place: Place?

    /// The socket's file. Removed at the end, under the lock, if it is still the same one.
    private final class Place: Sendable {
        let path: String
        let mode: mode_t
        let group: String?
        let lock: SocketLock
        let identity: FileIdentity

        init(path: String, mode: mode_t, group: String?, lock: SocketLock) throws(FeedError) {
            guard let identity = FileIdentity(path: path) else {
                throw FeedError.system("look at", path: path, errno: errno)
            }
            self.path = path
            self.mode = mode
            self.group = group
            self.lock = lock
            self.identity = identity
        }

        deinit {
            if FileIdentity(path: path) == identity { unlink(path) }
        }
    }

    /// Takes over a descriptor that already listens, as systemd passes it. Its path, group and mode are systemd's.
    init(listening raw: Int32, path: String) throws(FeedError) {
        let descriptor = FileDescriptor(owning: raw)
        let flags = fcntl(raw, F_GETFL)
        guard flags >= 0, fcntl(raw, F_SETFL, flags | O_NONBLOCK) == 0, fcntl(raw, F_SETFD, FD_CLOEXEC) == 0 else {
            throw FeedError.system("use the passed socket", path: "fd \(raw)", errno: errno)
        }
        self.descriptor = descriptor
        self.path = path
        identity = FileIdentity(path: path)
        place = nil
    }

    /// Binds the path and listens. A stale socket there is replaced; a live one, or anything else, is left alone.
    ///
    /// - Parameters:
    ///   - path: of the socket.
    ///   - mode: of its file.
    ///   - group: gets the socket if it exists and this process may give files to it; otherwise the process's group
    ///     keeps it.
    convenience init(path: String, mode: mode_t, group: String?) throws(FeedError) {
        try self.init(UnixSocketAddress(path: path), mode: mode, group: group, held: nil)
    }

    /// - Parameter held: the lock that this process holds; taken anew if its file is gone.
    private init(_ address: UnixSocketAddress, mode: mode_t, group: String?, held: SocketLock?) throws(FeedError) {
        path = address.path
        try Self.checkDirectory(of: address)
        let lock: SocketLock
        if let held, held.isInPlace { lock = held } else { lock = try SocketLock(for: address) }
        try Self.removeStaleSocket(at: address)

        let descriptor = try address.makeSocket(nonblocking: true)
        // Linux gives the file the mode that the socket has when it is bound, less the umask: only the owner gets in
        // before group and mode are set.
        guard fchmod(descriptor.raw, 0o600) == 0 else {
            throw FeedError.system("set the mode of", path: path, errno: errno)
        }
        guard address.withPointer({ bind(descriptor.raw, $0, $1) }) == 0 else {
            throw FeedError.system("make the socket", path: path, errno: errno)
        }
        let place = try Place(path: path, mode: mode, group: group, lock: lock)
        identity = place.identity
        self.place = place
        if let group, let id = Self.groupID(named: group) {
            // The system refuses this to processes outside the group: the socket then keeps the process's own group.
            _ = lchown(path, uid_t.max, id)
        }
        guard chmod(path, mode) == 0 else { throw FeedError.system("set the mode of", path: path, errno: errno) }
        guard listen(descriptor.raw, SOMAXCONN) == 0 else {
            throw FeedError.system("listen on", path: path, errno: errno)
        }
        self.descriptor = descriptor
    }

    /// Whether the file at the path is this socket's.
    var isInPlace: Bool { identity == nil || FileIdentity(path: path) == identity }

    /// Makes a socket like this one at the same path. Its file must be gone.
    func renewed() throws(FeedError) -> ListeningSocket {
        guard let place else {
            let message = "the file of the event socket \(path), which systemd made, is gone: restart watchword.socket"
            throw FeedError(code: .passed, message: message, path: path)
        }
        let address = try UnixSocketAddress(path: path)
        return try ListeningSocket(address, mode: place.mode, group: place.group, held: place.lock)
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
            let message = "\(address.directory) is not a directory, so that it cannot hold the socket \(address.path)"
            throw FeedError(code: .noDirectory, message: message, path: address.path)
        }
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
            let message = "\(path) exists and is not a socket: \(remedy)"
            throw FeedError(code: .notASocket, message: message, path: path)
        }
        let probe = try address.makeSocket(nonblocking: true)
        let (connected, number) = uninterrupted { address.withPointer { connect(probe.raw, $0, $1) } }
        if connected != 0 && number == ENOENT { return }
        if connected != 0 && (number == EACCES || number == EPERM) {
            throw FeedError.system("find out who holds the socket", path: path, errno: number)
        }
        // Any other answer, such as a full backlog or another kind of socket, comes from a live process.
        guard connected != 0, number == ECONNREFUSED else { throw FeedError.inUse(path) }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw FeedError.system("remove the stale socket", path: path, errno: errno)
        }
    }

    private static func groupID(named name: String) -> gid_t? {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var strings = [CChar](repeating: 0, count: 64 * 1024)
        guard getgrnam_r(name, &entry, &strings, strings.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }
}

/// The lock on `<path>.lock`, held for as long as this object lives.
private final class SocketLock: Sendable {
    private let path: String
    private let descriptor: FileDescriptor
    private let identity: FileIdentity?

    init(for address: UnixSocketAddress) throws(FeedError) {
        let path = address.path + ".lock"
        self.path = path
        let (raw, number) = uninterrupted { open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        guard raw >= 0 else { throw FeedError.system("open the lock file", path: path, errno: number) }
        descriptor = FileDescriptor(owning: raw)
        let reason = descriptor.lock()
        guard reason == 0 else {
            if reason == EWOULDBLOCK { throw FeedError.inUse(address.path) }
            throw FeedError.system("lock", path: path, errno: reason)
        }
        identity = FileIdentity(descriptor: raw)
    }

    deinit { descriptor.unlock() }

    /// Whether the file at the path is the locked one.
    var isInPlace: Bool { identity != nil && FileIdentity(path: path) == identity }
}

extension FeedError {
    fileprivate static func inUse(_ path: String) -> FeedError {
        let remedy = "stop the process that serves it, or configure another path for the event socket"
        return FeedError(code: .inUse, message: "the socket \(path) is in use: \(remedy)", path: path)
    }
}
