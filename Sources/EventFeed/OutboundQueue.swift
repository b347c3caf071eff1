import DequeModule
import Glibc
import System

/// The lines that wait for one client. All clients' queues share the bytes.
struct OutboundQueue {
    enum Progress {
        /// Everything is sent.
        case drained
        /// The client's socket takes no more at present.
        case blocked
        /// The client has closed the connection.
        case broken
    }

    private struct Item {
        var bytes: [UInt8]
        /// The record up to which the client has everything once this is sent; nil if that does not change.
        var seq: UInt64?
    }

    /// The most bytes in one call of the system.
    private static let sendSize = 64 * 1024

    private var items: Deque<Item> = []
    /// The bytes of the first item that are already sent.
    private var sentOfFirst = 0
    private(set) var byteCount = 0
    /// The record up to which everything was sent.
    private(set) var sentSeq: UInt64

    init(sentSeq: UInt64) {
        self.sentSeq = sentSeq
    }

    var isEmpty: Bool { items.isEmpty }

    mutating func append(_ bytes: [UInt8], seq: UInt64? = nil) {
        items.append(Item(bytes: bytes, seq: seq))
        byteCount += bytes.count
    }

    /// Drops all lines, except one that is partly sent.
    mutating func dropUnbegun() {
        let kept = sentOfFirst > 0 ? 1 : 0
        items.removeLast(items.count - kept)
        byteCount = (items.first?.bytes.count ?? 0) - sentOfFirst
    }

    /// The record up to which everything will have been sent once the queue is empty.
    var finalSeq: UInt64 { items.last { $0.seq != nil }?.seq ?? sentSeq }

    /// Sends what the socket takes without waiting.
    ///
    /// - Parameters:
    ///   - descriptor: the client's socket.
    ///   - scratch: a buffer for the bytes of one call, which all queues share.
    mutating func flush(to descriptor: Int32, scratch: inout [UInt8]) -> Progress {
        while !items.isEmpty {
            gather(into: &scratch)
            let (sent, number) = uninterrupted {
                send(descriptor, scratch, scratch.count, Int32(MSG_NOSIGNAL))
            }
            guard sent >= 0 else { return number == EAGAIN || number == EWOULDBLOCK ? .blocked : .broken }
            consume(sent)
        }
        return .drained
    }

    private func gather(into scratch: inout [UInt8]) {
        scratch.removeAll(keepingCapacity: true)
        var skipped = sentOfFirst
        for item in items {
            scratch.append(contentsOf: item.bytes[skipped...].prefix(Self.sendSize - scratch.count))
            skipped = 0
            if scratch.count == Self.sendSize { return }
        }
    }

    private mutating func consume(_ count: Int) {
        byteCount -= count
        sentOfFirst += count
        while let first = items.first, sentOfFirst >= first.bytes.count {
            sentOfFirst -= first.bytes.count
            sentSeq = first.seq ?? sentSeq
            items.removeFirst()
        }
    }
}
