import CIsolation
import Glibc
import System

/// One end of the pair of sockets between the daemon and a capture process. It keeps the bounds of messages.
///
/// Several threads may send; one receives.
final class MessageSocket: Sendable {
    enum Received {
        case message(ArraySlice<UInt8>, descriptors: [Int32])
        /// Nothing has come.
        case none
        /// The other side is gone, or sends what no message is.
        case end
    }

    private let descriptor: FileDescriptor

    /// - Parameter raw: is owned from here on.
    init(owning raw: Int32) { descriptor = FileDescriptor(owning: raw) }

    /// A socket and the descriptor of its other end, which the caller owns.
    ///
    /// - Throws: the error number if no descriptors are left.
    static func pair() throws(Errno) -> (ours: MessageSocket, theirs: Int32) {
        var pair: [Int32] = [-1, -1]
        let type = SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue
        guard socketpair(AF_UNIX, Int32(bitPattern: type), 0, &pair) == 0 else { throw .last }
        return (MessageSocket(owning: pair[0]), pair[1])
    }

    var pollable: Int32 { descriptor.raw }

    /// Sends a message.
    ///
    /// - Parameter waits: whether to wait for room. Without it the message is lost if there is none.
    /// - Returns: false if it could not be sent.
    @discardableResult
    func send(_ bytes: [UInt8], descriptors: [Int32] = [], waits: Bool = true) -> Bool {
        isolation_send(descriptor.raw, bytes, bytes.count, descriptors, Int32(descriptors.count), waits) == 0
    }

    /// Receives a message into `buffer`, which it may fill.
    func receive(into buffer: inout [UInt8], waits: Bool) -> Received {
        var descriptors = [Int32](repeating: -1, count: 4)
        var count: Int32 = 0
        let got = isolation_receive(descriptor.raw, &buffer, buffer.count, &descriptors, &count, waits)
        if got == -Int(EAGAIN) || got == -Int(EWOULDBLOCK) { return .none }
        guard got > 0 else { return .end }
        return .message(buffer[..<got], descriptors: Array(descriptors.prefix(Int(count))))
    }

    /// Waits until a message has come, or the other side is gone, for at most `limit`.
    ///
    /// - Parameter other: a further descriptor to wait for; -1 for none.
    /// - Returns: whether the other descriptor can be read, or was closed at its other end.
    func wait(_ limit: Duration, or other: Int32) -> Bool {
        var entries = [
            pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: other, events: Int16(POLLIN), revents: 0),
        ]
        return poll(&entries, 2, limit.pollTimeout) > 0 && entries[1].revents != 0
    }
}
