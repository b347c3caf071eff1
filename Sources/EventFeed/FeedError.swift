import Glibc

/// What went wrong with the event socket, in one line that says what to do about it.
public struct FeedError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable {
        /// A live process holds the socket.
        case inUse
        /// Something that is no socket stands at the path; it is left alone.
        case notASocket
        /// The directory of the socket does not exist.
        case noDirectory
        /// The path does not fit a socket address, or is empty.
        case unfitPath
        case permissionDenied
        /// Nobody listens at the path.
        case notRunning
        /// The other side has gone.
        case disconnected
        /// The other side sent a line beyond all measure.
        case lineTooLong
        /// The system refused something that should work.
        case system
    }

    public var code: Code
    /// What went wrong and the remedy, with the path.
    public var message: String
    public var path: String
    /// The system's error number, where there is one.
    public var errno: Int32?

    public init(code: Code, message: String, path: String, errno: Int32? = nil) {
        self.code = code
        self.message = message
        self.path = path
        self.errno = errno
    }

    public var description: String {
        guard let errno else { return message }
        return "\(message) (\(Self.words(for: errno)))"
    }

    /// A system call failed in a way that has no code of its own.
    static func system(_ action: String, path: String, errno: Int32) -> FeedError {
        let denied = errno == EACCES || errno == EPERM || errno == EROFS
        let remedy = denied ? ": check the owner and the mode of the file and its directory" : ""
        return FeedError(
            code: denied ? .permissionDenied : .system,
            message: "cannot \(action) \(path)\(remedy)",
            path: path,
            errno: errno
        )
    }

    static func words(for errno: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(errno, &buffer, buffer.count) == 0 else { return "error \(errno)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
