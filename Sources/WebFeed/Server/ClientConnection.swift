import Glibc
import System

/// One client's connection: reads heads and writes answers, each within its time. For one thread.
struct ClientConnection: ~Copyable {
    /// The other side has gone, or was too slow.
    struct Gone: Error {}

    private let socket: Socket
    private let limits: WebLimits
    private var buffer: [UInt8] = []
    private var received = [UInt8](repeating: 0, count: 4096)

    init(_ socket: consuming Socket, limits: WebLimits) {
        // An event is to be there at once; and no write waits longer than this for room.
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, CInt(1))
        socket.set(SOL_SOCKET, SO_SNDTIMEO, timeval(tv_sec: 5, tv_usec: 0))
        self.socket = socket
        self.limits = limits
    }

    /// Waits for the next request's head.
    ///
    /// - Returns: nil where the connection is over: it was closed, or idle for too long.
    /// - Throws: `HTTPFault` for a head that is none, too long or too slow.
    mutating func nextHead() throws(HTTPFault) -> RequestHead? {
        var deadline = ContinuousClock.now + (buffer.isEmpty ? limits.idleTime : limits.headTime)
        var searched = 0
        while true {
            // One empty line before a request is passed over, as RFC 9112 wants.
            if buffer.starts(with: [13, 10]) { buffer.removeFirst(2) }
            if let end = Self.endOfHead(buffer, from: searched) {
                let head = Array(buffer[..<end])
                buffer.removeSubrange(..<end)
                return try RequestHead(parsing: head)
            }
            searched = max(0, buffer.count - 3)
            guard buffer.count < RequestHead.maxBytes else { throw .headTooLarge }
            let wasEmpty = buffer.isEmpty
            guard socket.waitForInput(deadline - ContinuousClock.now) else {
                if wasEmpty { return nil }
                let message = "the head did not come within \(limits.headTime)"
                throw HTTPFault(status: 408, code: "too_slow", message: message)
            }
            let count = recv(socket.raw, &received, received.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            buffer += received[..<count]
            if wasEmpty { deadline = ContinuousClock.now + limits.headTime }
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
        let deadline = ContinuousClock.now + limits.answerTime
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes {
                send(socket.raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Gone() }
            start += count
            if start < bytes.count, ContinuousClock.now > deadline { throw Gone() }
        }
    }

    /// Whether the other side has closed: it sends nothing while it gets events, and what it does send is passed over.
    mutating func hasEnded() -> Bool {
        while true {
            let count = recv(socket.raw, &received, received.count, Int32(MSG_DONTWAIT))
            if count == 0 { return true }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return errno != EAGAIN && errno != EWOULDBLOCK }
        }
    }

    /// Ends the connection so that the last answer arrives: what still comes is taken in for a moment, or the system would
    /// reset the connection and the answer with it.
    mutating func linger() {
        shutdown(socket.raw, Int32(SHUT_WR))
        let deadline = ContinuousClock.now + .seconds(1)
        while ContinuousClock.now < deadline, socket.waitForInput(deadline - ContinuousClock.now) {
            guard recv(socket.raw, &received, received.count, 0) > 0 else { return }
        }
    }
}
