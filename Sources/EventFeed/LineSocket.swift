import Glibc
import System

/// A client's end of a connection to the event socket: sends and receives lines. Its calls block. For one thread at a
/// time.
struct LineSocket: ~Copyable {
    /// The result of a wait for a line.
    enum Reading: Sendable, Equatable {
        /// A line without its line feed.
        case line(String)
        /// No line came in time.
        case timedOut
        /// The server has closed the connection. An incomplete last line is dropped.
        case ended
    }

    /// The server sends no longer line.
    static let maxLineBytes = 256 * 1024 * 1024

    private let socket: FileDescriptor
    private let path: String
    private var input = LineBuffer()
    private var received = [UInt8](repeating: 0, count: 64 * 1024)

    /// Connects to the socket at a path.
    ///
    /// - Throws: `FeedError`, with the code `.notRunning` if no process listens there.
    init(connectingTo path: String) throws(FeedError) {
        let address = try UnixSocketAddress(path: path)
        let socket = try address.makeSocket(nonblocking: false)
        let (result, number) = uninterrupted { address.withPointer { connect(socket.raw, $0, $1) } }
        guard result == 0 else {
            guard number == ENOENT || number == ECONNREFUSED || number == ENOTDIR else {
                throw FeedError.system("connect to", path: path, errno: number)
            }
            let message = "no daemon serves the event socket \(path): start it, or give the path it is configured with"
            throw FeedError(code: .notRunning, message: message, path: path, errno: number)
        }
        self.socket = socket
        self.path = path
    }

    /// Takes over a connected socket that blocks. `path` names the server in errors.
    init(over socket: consuming FileDescriptor, path: String) {
        self.socket = socket
        self.path = path
    }

    /// The descriptor to poll for reading. Received lines may also wait in this object: call `nextLine` with a time-out
    /// of zero until it returns none.
    var pollable: Int32 { socket.raw }

    /// Sends a line and its line feed.
    func send(_ line: String) throws(FeedError) {
        var rest = Array(line.utf8)[...]
        rest.append(UInt8(ascii: "\n"))
        while !rest.isEmpty {
            let (sent, number) = rest.withUnsafeBytes { bytes in
                uninterrupted { Glibc.send(socket.raw, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
            }
            guard sent >= 0 else { throw failure(number) }
            rest.removeFirst(sent)
        }
    }

    /// Ends the sending direction. The server goes on sending.
    func finishSending() throws(FeedError) {
        guard shutdown(socket.raw, Int32(SHUT_WR)) == 0 else { throw failure(errno) }
    }

    /// Waits for the next line.
    ///
    /// - Parameter timeout: nil for no limit.
    mutating func nextLine(timeout: Duration? = nil) throws(FeedError) -> Reading {
        let deadline = timeout.map { Instant.now + $0 }
        while true {
            if let line = input.nextLine() { return .line(String(decoding: line, as: UTF8.self)) }
            guard input.count <= Self.maxLineBytes else {
                let message = "the server at \(path) sends a line that does not end: is it a watchword daemon?"
                throw FeedError(code: .lineTooLong, message: message, path: path)
            }
            if let deadline, try !waitForInput(until: deadline) { return .timedOut }
            let (count, number) = uninterrupted { recv(socket.raw, &received, received.count, 0) }
            // A server that closes before it has read all that was sent to it resets the connection: an end as well.
            if count == 0 || number == ECONNRESET { return .ended }
            guard count > 0 else { throw failure(number) }
            input.append(received[..<count])
        }
    }

    private func waitForInput(until deadline: Instant) throws(FeedError) -> Bool {
        while true {
            let left = max(.zero, deadline - Instant.now)
            var entry = pollfd(fd: socket.raw, events: Int16(POLLIN), revents: 0)
            let count = poll(&entry, 1, left.pollTimeout)
            if count > 0 { return true }
            if count < 0 && errno != EINTR { throw failure(errno) }
            if left == .zero { return false }
        }
    }

    private func failure(_ number: Int32) -> FeedError {
        guard number == EPIPE || number == ECONNRESET else {
            return FeedError.system("talk to", path: path, errno: number)
        }
        let message = "the daemon at \(path) has closed the connection: connect again"
        return FeedError(code: .disconnected, message: message, path: path, errno: number)
    }
}
