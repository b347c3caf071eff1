import Glibc
import Synchronization
import System
import Text

/// The work of the server's thread: waits for clients, requests, room to send and news from the hub. It owns its state,
/// and is made and used on that thread alone.
final class FeedLoop {
    /// Records taken from the hub at once.
    static let batchSize = 256
    /// The most batches that one client gets before the others have their turn.
    static let maxBatches = 16
    /// How long new clients wait after the system refused to accept one.
    private static let acceptPause = Duration.milliseconds(100)

    let limits: FeedLimits
    let hub: EventHub
    let counters: FeedCounters
    var connections: [FeedConnection] = []
    var head: EventHub.Head
    private let entrance: FeedEntrance
    private let inner: InnerConnections
    private let report: (FeedServer.Notice) -> Void
    private let wakeUp: WakeUp
    private var listening: ListeningSocket?
    /// When to check next whether the socket's file is in place.
    private var checkAt = Instant.now
    /// Why the socket could not be made anew, as last reported.
    private var reported: FeedError?
    private var acceptAgainAt: Instant?
    var scratch: [UInt8] = []
    var received = [UInt8](repeating: 0, count: 16 * 1024)
    private var polled: [pollfd] = []

    init(
        entrance: FeedEntrance,
        inner: InnerConnections,
        hub: EventHub,
        wakeUp: WakeUp,
        limits: FeedLimits,
        counters: FeedCounters,
        report: @escaping (FeedServer.Notice) -> Void
    ) {
        self.entrance = entrance
        self.inner = inner
        self.hub = hub
        self.wakeUp = wakeUp
        self.limits = limits
        self.counters = counters
        self.report = report
        listening = entrance.listening
        head = hub.head
    }

    /// Serves until the wake-up requests a stop, then sends what clients read in time.
    func run() {
        while !wakeUp.isStopRequested {
            turn(accepts: true, until: nil)
        }
        let deadline = Instant.now + limits.drain
        let last = hub.head.seqLast
        while Instant.now < deadline,
            connections.contains(where: { !$0.output.isEmpty || $0.cursor <= last })
        {
            turn(accepts: false, until: deadline)
        }
        for connection in connections { connection.isGone = true }
        removeGone()
    }

    /// Waits for events and handles them.
    private func turn(accepts: Bool, until deadline: Instant?) {
        let polledConnections = wait(accepts: accepts, until: deadline)
        let hasNews = polled[1].revents != 0
        if hasNews { wakeUp.clear() }
        head = hub.head
        for (connection, entry) in zip(polledConnections, polled.dropFirst(2)) where entry.revents != 0 {
            serve(connection, Int32(entry.revents))
        }
        if polled[0].revents != 0 { acceptWaiting() }
        if accepts { checkSocket() }
        if hasNews {
            if accepts { acceptInner() }
            takePages()
            for connection in connections { attend(to: connection) }
            deliverWaiting()
        }
        closeOverdue()
        removeGone()
    }

    /// Fills `polled`: the listening socket, the wake-up, then the connections in their order.
    private func wait(accepts: Bool, until deadline: Instant?) -> [FeedConnection] {
        let now = Instant.now
        if let again = acceptAgainAt, again <= now { acceptAgainAt = nil }
        polled.removeAll(keepingCapacity: true)
        // `poll` ignores a negative descriptor.
        let listener = accepts && acceptAgainAt == nil ? listening?.descriptor.raw ?? -1 : -1
        polled.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
        polled.append(pollfd(fd: wakeUp.pollable, events: Int16(POLLIN), revents: 0))
        var earliest = [deadline, acceptAgainAt, accepts ? checkAt : nil].compactMap(\.self).min()
        for connection in connections {
            let events = Int16(connection.interest(limits: limits, head: head))
            polled.append(pollfd(fd: connection.socket.raw, events: events, revents: 0))
            if let closingAt = connection.closingAt { earliest = min(earliest ?? closingAt, closingAt) }
        }
        let timeout = earliest.map { ($0 - now).pollTimeout } ?? -1
        let (count, number) = uninterrupted { poll(&polled, nfds_t(polled.count), timeout) }
        // `poll` fails only for a lack of memory; a short sleep keeps the loop from spinning.
        if count < 0 && number != 0 { MonotonicTime.sleep(for: .milliseconds(10)) }
        return connections
    }

    /// Makes the socket anew if its file is gone.
    private func checkSocket() {
        let now = Instant.now
        guard now >= checkAt, let listening else { return }
        checkAt = now + limits.socketCheck
        do throws(FeedError) {
            if !listening.isInPlace {
                // Clients that connected in time wait in the backlog of the old socket.
                acceptWaiting()
                try entrance.renew()
                self.listening = entrance.listening
            } else if reported == nil {
                return
            }
            reported = nil
            report(.restored(path: listening.path))
        } catch {
            if error != reported { report(.unreachable(error)) }
            reported = error
        }
    }

    /// Takes in the clients of this process.
    private func acceptInner() {
        for raw in inner.take() {
            let socket = FileDescriptor(owning: raw)
            if fcntl(raw, F_SETFL, O_NONBLOCK) == 0 { welcome(socket, isInner: true) }
        }
    }

    private func acceptWaiting() {
        while let listening {
            let (raw, number) = uninterrupted { accept(listening.descriptor.raw, nil, nil) }
            guard raw >= 0 else {
                if number == ECONNABORTED { continue }
                // Without descriptors or memory the client waits in the backlog, and the loop must not spin on it.
                if number != EAGAIN && number != EWOULDBLOCK { acceptAgainAt = .now + Self.acceptPause }
                return
            }
            // Swift's Glibc module has no accept4; a capture process that begins in between closes what it inherits.
            let socket = FileDescriptor(owning: raw)
            guard fcntl(raw, F_SETFD, FD_CLOEXEC) == 0, fcntl(raw, F_SETFL, O_NONBLOCK) == 0 else { continue }
            welcome(socket, isInner: false)
        }
    }

    private func welcome(_ socket: consuming FileDescriptor, isInner: Bool) {
        // This process's own clients may use the reserve, and no number of others keeps them out: a broker and the webhooks
        // would get nothing.
        let refusal: String? =
            if isInner {
                nil
            } else if !DescriptorLimit.leavesReserve(socket.raw) {
                "the daemon has no descriptors to spare for another client: try again later"
            } else if connections.count >= limits.maxClients {
                "the daemon serves at most \(limits.maxClients) clients: try again later"
            } else {
                nil
            }
        if let refusal {
            let bytes = FeedMessages.error(.tooManyClients, refusal).bytes
            _ = uninterrupted { send(socket.raw, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
            counters.count { $0.refused += 1 }
            return
        }
        let (line, head) = hub.greeting()
        let connection = FeedConnection(socket: socket, head: head)
        connection.output.append(line.bytes)
        connections.append(connection)
        counters.count {
            $0.accepted += 1
            $0.subscribers += 1
        }
        connection.flush(scratch: &scratch, head: head)
    }

    func cutOff(_ connection: FeedConnection) {
        connection.output.dropUnbegun()
        connection.output.append(FeedMessages.tooSlow(sentSeq: connection.output.finalSeq).bytes)
        counters.count { $0.cutOff += 1 }
        close(connection)
    }

    /// Closes the connection once its output is sent, or after the farewell.
    func close(_ connection: FeedConnection) {
        connection.closingAt = .now + limits.farewell
        connection.flush(scratch: &scratch, head: head)
    }

    private func closeOverdue() {
        let now = Instant.now
        for connection in connections {
            if let closingAt = connection.closingAt, closingAt <= now { connection.isGone = true }
        }
    }

    private func removeGone() {
        let before = connections.count
        connections.removeAll { connection in
            guard connection.isGone else { return false }
            hub.changeScoresSubscribers(by: -subscribesToScores(connection))
            return true
        }
        let gone = before - connections.count
        if gone > 0 { counters.count { $0.subscribers -= gone } }
    }
}
