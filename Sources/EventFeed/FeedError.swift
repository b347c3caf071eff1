import Glibc
package import System

/// A failure of the event socket, in one line with the remedy.
package struct FeedError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        /// A live process holds the socket.
        case inUse
        /// Something that is not a socket stands at the path; it is left alone.
        case notASocket
        /// The socket's directory does not exist.
        case noDirectory
        /// The path does not fit a socket address, or is empty.
        case unfitPath
        case permissionDenied
        /// No process listens at the path.
        case notRunning
        /// The other side has closed the connection.
        case disconnected
        /// The other side sent a line that does not end.
        case lineTooLong
        /// systemd made the socket, and only systemd can make it anew.
        case passed
        /// A system call failed in another way.
        case system
    }

    package var code: Code
    /// What went wrong and the remedy, with the path.
    package var message: String
    package var path: String
    /// The system's error number, if there is one.
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

    /// The error of a failed system call.
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
    /// Makes a wake-up, and reports a failure as the feed's.
    package static func forFeed() throws(FeedError) -> WakeUp {
        do throws(Errno) {
            return try WakeUp()
        } catch {
            throw .system("make", path: "a socket pair", errno: error.number)
        }
    }
}
