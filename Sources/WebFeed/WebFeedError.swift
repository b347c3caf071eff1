import Glibc
import System

/// Why the pages cannot be served, in one line that says what to do about it.
package struct WebFeedError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        /// Another program listens there.
        case inUse
        /// The address is none of this machine's, or the port is reserved.
        case unfitAddress
        /// The system refused something that should work.
        case system
    }

    package var code: Code
    /// What went wrong and the remedy, with the address.
    package var message: String

    package var description: String { message }

    /// The one place where an error number of the listening socket becomes an error.
    static func system(_ action: String, _ address: ListenAddress, errno number: Int32) -> WebFeedError {
        switch number {
        case EADDRINUSE:
            WebFeedError(code: .inUse, message: "\(address) is in use by another program: end it, or set http.listen")
        case EADDRNOTAVAIL:
            WebFeedError(code: .unfitAddress, message: "\(address) is no address of this machine: set http.listen")
        case EACCES, EPERM:
            WebFeedError(code: .unfitAddress, message: "\(address) is reserved: set http.listen to a port from 1024 on")
        default:
            WebFeedError(code: .system, message: "cannot \(action) \(address): \(Errno(number))")
        }
    }
}
