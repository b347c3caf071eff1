import Glibc
import System

/// One client, as the server's thread sees it.
final class FeedConnection {
    let socket: FileDescriptor
    var input = LineBuffer()
    var output: OutboundQueue
    var subscription = Subscription.everythingLive
    /// The next record to look at. Replay and live delivery are the same walk, so nothing falls between them.
    var cursor: UInt64
    /// A page of the journal that the walk goes through, and where it is in it; nil where it goes through memory.
    var page: (lines: ArraySlice<FeedLine>, through: UInt64)?
    /// The page that is on its way: the walk waits for it.
    var awaitedPage: UInt64?
    /// The walk has caught up with the feed, since the connection or the last request.
    var isLive = true
    /// The client sends no more; it may well go on reading.
    var isInputOver = false
    /// When the connection is closed whatever is left to send; nil while it is in service.
    var closingAt: ContinuousClock.Instant?
    var isGone = false
    /// Bytes the feed had published when the client last took some: how far a replay has stood still.
    var tookAt: UInt64

    init(socket: consuming FileDescriptor, head: EventHub.Head) {
        self.socket = socket
        output = OutboundQueue(sentSeq: head.seqLast)
        cursor = head.seqLast + 1
        tookAt = head.publishedBytes
    }

    var isInService: Bool { closingAt == nil && !isGone }

    /// What to poll the socket for. A client with much output waiting is not read from: its requests make more.
    func interest(limits: FeedLimits, head: EventHub.Head) -> Int32 {
        let reads = isInService && !isInputOver && output.byteCount < limits.replayBytes
        let writes = !output.isEmpty || (isInService && awaitedPage == nil && cursor <= head.seqLast)
        return (reads ? POLLIN : 0) | (writes ? POLLOUT : 0)
    }

    /// Sends what can be sent at once.
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
