import Glibc

/// Why the pages cannot be served, in one line that says what to do about it.
public struct WebFeedError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable {
        /// Another program listens there.
        case inUse
        /// The address is none of this machine's, or the port is reserved.
        case unfitAddress
        /// The system refused something that should work.
        case system
    }

    public var code: Code
    /// What went wrong and the remedy, with the address.
    public var message: String

    public var description: String { message }

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
            WebFeedError(code: .system, message: "cannot \(action) \(address): \(words(for: number))")
        }
    }

    private static func words(for number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
