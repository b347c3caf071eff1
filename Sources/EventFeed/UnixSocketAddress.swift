import Glibc
import System

/// The address of a Unix socket in the file system.
struct UnixSocketAddress {
    let path: String
    private var address = sockaddr_un()

    /// - Throws: `FeedError`, with the code `.unfitPath` for a path that no socket can have.
    init(path: String) throws(FeedError) {
        self.path = path
        // The path's bytes and the NUL that ends them.
        let capacity = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard !path.isEmpty, !path.utf8.contains(0) else {
            let message = "\"\(path)\" is not a path for a socket: give a file name"
            throw FeedError(code: .unfitPath, message: message, path: path)
        }
        guard path.utf8.count <= capacity else {
            let sizes = "has \(path.utf8.count) bytes, the system takes \(capacity)"
            let message = "the socket path \(path) \(sizes): shorten it"
            throw FeedError(code: .unfitPath, message: message, path: path)
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    }

    /// The directory of the socket.
    var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafeBytes(of: address) { bytes in
            // A sockaddr_un is one kind of sockaddr and aligned at least as strictly.
            bytes.withMemoryRebound(to: sockaddr.self) { pointer in
                guard let base = pointer.baseAddress else { preconditionFailure("an address has bytes") }
                return body(base, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// A new close-on-exec stream socket.
    func makeSocket(nonblocking: Bool) throws(FeedError) -> FileDescriptor {
        let flags = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | (nonblocking ? SOCK_NONBLOCK.rawValue : 0)
        let raw = socket(AF_UNIX, Int32(bitPattern: flags), 0)
        guard raw >= 0 else { throw FeedError.system("make a socket for", path: path, errno: errno) }
        return FileDescriptor(owning: raw)
    }
}
