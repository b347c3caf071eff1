import Glibc
package import System

/// What went wrong with the event socket, in one line that says what to do about it.
package struct FeedError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
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

    package var code: Code
    /// What went wrong and the remedy, with the path.
    package var message: String
    package var path: String
    /// The system's error number, where there is one.
    package var errno: Int32?

    package init(code: Code, message: String, path: String, errno: Int32? = nil) {
        self.code = code
        self.message = message
        self.path = path
        self.errno = errno
    }

    package var description: String {
        guard let errno else { return message }
        return "\(message) (\(Errno(errno)))"
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
}

extension WakeUp {
    /// A wake-up whose failure is reported as the feed's.
    package static func forFeed() throws(FeedError) -> WakeUp {
        do throws(Errno) {
            return try WakeUp()
        } catch {
            throw .system("make", path: "a socket pair", errno: error.number)
        }
    }
}
