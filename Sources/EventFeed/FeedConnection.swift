import Glibc
import System

/// One client's connection. Used by the server's thread only.
final class FeedConnection {
    let socket: FileDescriptor
    var input = LineBuffer()
    var output: OutboundQueue
    var subscription = Subscription.everythingLive
    /// The next record to deliver. Replay and live delivery use the same cursor, so that no record is lost between
    /// them.
    var cursor: UInt64
    /// The rest of the page of the journal that is being delivered, and its last number; nil while memory is read.
    var page: (lines: ArraySlice<FeedLine>, through: UInt64)?
    /// The ticket of the page that delivery waits for.
    var awaitedPage: UInt64?
    /// Delivery has caught up with the feed since the connection or the last request.
    var isLive = true
    /// The client sends no more. It may go on reading.
    var isInputOver = false
    /// When the connection is closed, whatever is left to send; nil while it is in service.
    var closingAt: Instant?
    var isGone = false
    /// The bytes that the feed had published when the client last read some: shows for how long a replay has stood
    /// still.
    var tookAt: UInt64

    init(socket: consuming FileDescriptor, head: EventHub.Head) {
        self.socket = socket
        output = OutboundQueue(sentSeq: head.seqLast)
        cursor = head.seqLast + 1
        tookAt = head.publishedBytes
    }

    var isInService: Bool { closingAt == nil && !isGone }

    /// The events to poll the socket for. A client with much waiting output is not read from: its requests would add
    /// more.
    func interest(limits: FeedLimits, head: EventHub.Head) -> Int32 {
        let reads = isInService && !isInputOver && output.byteCount < limits.replayBytes
        let writes = !output.isEmpty || (isInService && awaitedPage == nil && cursor <= head.seqLast)
        return (reads ? POLLIN : 0) | (writes ? POLLOUT : 0)
    }

    /// Sends what the socket takes without waiting.
    func flush(scratch: inout [UInt8], head: EventHub.Head) {
        let before = output.byteCount
        switch output.flush(to: socket.raw, scratch: &scratch) {
        case .drained: if closingAt != nil { isGone = true }
        case .blocked: break
        case .broken: isGone = true
        }
        if output.byteCount < before || before == 0 { tookAt = head.publishedBytes }
    }
}
