import Glibc
import System

/// One client's connection: reads heads and writes answers, each within a time limit. For one thread.
struct ClientConnection: ~Copyable {
    /// The client has closed the connection, or was too slow.
    struct Gone: Error {}

    private let socket: Socket
    private let limits: WebLimits
    private var buffer: [UInt8] = []
    private var received = [UInt8](repeating: 0, count: 4096)

    init(_ socket: consuming Socket, limits: WebLimits) {
        // Events must arrive without delay, and no write waits longer than this for room.
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, CInt(1))
        socket.set(SOL_SOCKET, SO_SNDTIMEO, timeval(tv_sec: 5, tv_usec: 0))
        self.socket = socket
        self.limits = limits
    }

    /// Waits for the next request's head.
    ///
    /// - Returns: nil if the connection was closed or idle for too long.
    /// - Throws: `HTTPFault` for a head that is malformed, too long or too slow.
    mutating func nextHead() throws(HTTPFault) -> RequestHead? {
        var deadline = Instant.now + (buffer.isEmpty ? limits.idleTime : limits.headTime)
        var searched = 0
        while true {
            // An empty line before a request is skipped, as RFC 9112 requires.
            if buffer.starts(with: [13, 10]) { buffer.removeFirst(2) }
            if let end = Self.endOfHead(buffer, from: searched) {
                let head = Array(buffer[..<end])
                buffer.removeSubrange(..<end)
                return try RequestHead(parsing: head)
            }
            searched = max(0, buffer.count - 3)
            guard buffer.count < RequestHead.maxBytes else { throw .headTooLarge }
            let wasEmpty = buffer.isEmpty
            guard socket.waitForInput(deadline - Instant.now) else {
                if wasEmpty { return nil }
                let message = "the head did not come within \(limits.headTime)"
                throw HTTPFault(status: 408, code: "too_slow", message: message)
            }
            let count = recv(socket.raw, &received, received.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            buffer += received[..<count]
            if wasEmpty { deadline = Instant.now + limits.headTime }
        }
    }

    private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in start...max(start, bytes.count - 4) where index + 4 <= bytes.count {
            if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10 {
                return index + 4
            }
        }
        return nil
    }

    /// Writes all of it.
    func write(_ bytes: [UInt8]) throws(Gone) {
        let deadline = Instant.now + limits.answerTime
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes {
                send(socket.raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Gone() }
            start += count
            if start < bytes.count, Instant.now > deadline { throw Gone() }
        }
    }

    /// Whether the client has closed the connection. What it sends while it receives events is skipped.
    mutating func hasEnded() -> Bool {
        while true {
            let count = recv(socket.raw, &received, received.count, Int32(MSG_DONTWAIT))
            if count == 0 { return true }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return errno != EAGAIN && errno != EWOULDBLOCK }
        }
    }

    /// Ends the connection so that the last answer arrives: the client's remaining bytes are read for a moment, or the
    /// system would reset the connection and discard the answer.
    mutating func linger() {
        shutdown(socket.raw, Int32(SHUT_WR))
        let deadline = Instant.now + .seconds(1)
        while Instant.now < deadline, socket.waitForInput(deadline - Instant.now) {
            guard recv(socket.raw, &received, received.count, 0) > 0 else { return }
        }
    }
}
