import Glibc
import System

/// A TCP socket's descriptor, closed when its owner goes.
struct Socket: ~Copyable, Sendable {
    let raw: Int32

    init(owning raw: Int32) {
        self.raw = raw
    }

    /// Binds the address and listens.
    init(listeningOn address: ListenAddress) throws(WebFeedError) {
        let raw = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw .system("make a socket for", address, errno: errno) }
        let made = Socket(owning: raw)
        // A daemon that restarts must not wait until the system forgets the connections of the previous one.
        made.set(SOL_SOCKET, SO_REUSEADDR, CInt(1))
        if address.family == AF_INET6 { made.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, CInt(1)) }
        let bound = address.withPointer { bind(raw, $0, $1) }
        guard bound == 0 else { throw .system("listen on", address, errno: errno) }
        guard listen(raw, 128) == 0 else { throw .system("listen on", address, errno: errno) }
        self = made
    }

    func set<Value: BitwiseCopyable>(_ level: Int32, _ option: Int32, _ value: Value) {
        var value = value
        setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<Value>.size))
    }

    /// The address of the client: an IPv4 address, or the half of an IPv6 address that names its network.
    static func peer(of raw: Int32) -> String {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &storage) { bytes in
            let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            guard getpeername(raw, address, &length) == 0 else { return "" }
            let isLong = Int32(bytes.loadUnaligned(as: sa_family_t.self)) == AF_INET6
            // Where the address stands in `sockaddr_in` and in `sockaddr_in6`.
            return bytes[isLong ? 8..<16 : 4..<8].map { String($0) }.joined(separator: ".")
        }
    }

    /// Ends both directions, which wakes the thread that waits for the socket.
    static func end(_ raw: Int32) { shutdown(raw, Int32(SHUT_RDWR)) }

    /// Waits for something to read or for the end of the connection.
    ///
    /// - Returns: false if neither came in time.
    func waitForInput(_ limit: Duration) -> Bool {
        var entry = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
        while true {
            let count = poll(&entry, 1, limit.pollTimeout)
            if count >= 0 || errno != EINTR { return count > 0 }
        }
    }

    /// Gives up the descriptor, which the caller must close.
    consuming func release() -> Int32 {
        let raw = raw
        discard self
        return raw
    }

    deinit {
        close(raw)
    }
}
