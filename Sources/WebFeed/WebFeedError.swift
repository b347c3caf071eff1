import Glibc
import System

/// Why the pages cannot be served, in one line with the remedy.
package struct WebFeedError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        /// Another program uses the address.
        case inUse
        /// The address is not one of this machine's, or the port is reserved.
        case unfitAddress
        /// A system call failed in another way.
        case system
    }

    package var code: Code
    /// The failure and the remedy, with the address.
    package var message: String

    package var description: String { message }

    /// The error of a failed system call on the listening socket.
    static func system(_ action: String, _ address: ListenAddress, errno number: Int32) -> WebFeedError {
        switch number {
        case EADDRINUSE:
            WebFeedError(code: .inUse, message: "\(address) is in use by another program: end it, or set http.listen")
        case EADDRNOTAVAIL:
            WebFeedError(code: .unfitAddress, message: "\(address) is not an address of this machine: set http.listen")
        case EACCES, EPERM:
            WebFeedError(code: .unfitAddress, message: "\(address) is reserved: set http.listen to a port from 1024 on")
        default:
            WebFeedError(code: .system, message: "cannot \(action) \(address): \(Errno(number))")
        }
    }
}
