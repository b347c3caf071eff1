import Synchronization
import System

/// Serves the hub's feed on a Unix socket, from one thread of its own.
package final class FeedServer: Sendable {
    /// News of the socket's file for the operator. Each is reported once, on the server's thread.
    package enum Notice: Sendable, Equatable {
        /// The socket's file is gone or is another's, and cannot be made anew yet. The error says why.
        case unreachable(FeedError)
        /// The socket's file was gone, and clients can connect to the path again.
        case restored(path: String)
    }

    private enum Phase {
        case bound
        case running(NamedThread)
        case stopped
    }

    private let path: String
    private let hub: EventHub
    private let limits: FeedLimits
    private let report: @Sendable (Notice) -> Void
    private let wakeUp: WakeUp
    private let counters = FeedCounters()
    private let entrance: FeedEntrance
    private let inner = InnerConnections()
    private let phase = Mutex(Phase.bound)

    /// Makes the socket and listens. Clients can connect from here on and are served once `start` is called.
    ///
    /// A stale socket at the path is replaced.
    ///
    /// - Parameters:
    ///   - path: of the socket.
    ///   - mode: of the socket's file.
    ///   - group: gets the socket if it exists and this process may give files to it.
    ///   - hub: the feed to serve.
    ///   - limits: what clients may ask.
    ///   - report: called with news of the socket's file, on the server's thread.
    /// - Throws: `FeedError` if a live process holds the path, if something that is no socket stands there, or if the
    ///   directory is missing.
    package convenience init(
        path: String,
        mode: UInt32 = 0o660,
        group: String? = "watchword",
        hub: EventHub,
        limits: FeedLimits = FeedLimits(),
        report: @escaping @Sendable (Notice) -> Void = { _ in }
    ) throws(FeedError) {
        let listening = try ListeningSocket(path: path, mode: mode, group: group)
        try self.init(listening: listening, path: path, hub: hub, limits: limits, report: report)
    }

    /// Serves on a socket that listens already, as systemd passes it, and takes ownership of the descriptor. The server
    /// neither makes, locks nor removes its file: clients that connect before `start` or after `stop` wait in its
    /// backlog.
    package convenience init(
        listening descriptor: Int32,
        path: String,
        hub: EventHub,
        limits: FeedLimits = FeedLimits(),
        report: @escaping @Sendable (Notice) -> Void = { _ in }
    ) throws(FeedError) {
        let listening = try ListeningSocket(listening: descriptor, path: path)
        try self.init(listening: listening, path: path, hub: hub, limits: limits, report: report)
    }

    private init(
        listening: ListeningSocket,
        path: String,
        hub: EventHub,
        limits: FeedLimits,
        report: @escaping @Sendable (Notice) -> Void
    ) throws(FeedError) {
        self.path = path
        self.hub = hub
        self.limits = limits
        self.report = report
        wakeUp = try WakeUp.forFeed()
        entrance = FeedEntrance(listening)
    }

    deinit {
        stop()
    }

    /// Starts the thread; call it once.
    package func start() throws(FeedError) {
        let failure: FeedError? = phase.withLock { phase in
            guard case .bound = phase else { preconditionFailure("a feed server starts once") }
            hub.attach(wakeUp)
            switch startThread() {
            case .success(let thread):
                phase = .running(thread)
                return nil
            case .failure(let error):
                hub.detach()
                return FeedError.system("start the thread for", path: path, errno: error.number)
            }
        }
        if let failure { throw failure }
    }

    /// Accepts no more clients, sends the connected ones what they read within `limits.drain`, and closes. Clients get
    /// whole lines only, except for one that stopped reading in the middle of a line. Waits for the thread's end, and
    /// removes the socket's file if it was made here.
    package func stop() {
        let last = phase.withLock { phase in
            defer { phase = .stopped }
            return phase
        }
        if case .running(let thread) = last {
            wakeUp.requestStop()
            thread.join()
            hub.detach()
        }
        inner.close()
        entrance.close()
    }

    /// Connects a client within this process. It does not need the socket's file.
    ///
    /// - Throws: `FeedError`, with the code `.notRunning` once the server has stopped.
    package func connect() throws(FeedError) -> FeedClient {
        do throws(Errno) {
            if let socket = try inner.add() {
                wakeUp.signal()
                return FeedClient(over: socket, path: path)
            }
        } catch {
            throw .system("make a pair of sockets for", path: path, errno: error.number)
        }
        throw FeedError(code: .notRunning, message: "the event socket \(path) has stopped", path: path)
    }

    /// Why programs cannot reach the socket at its path; nil if they can.
    package var unreachability: String? {
        entrance.isReachable ? nil : "the event socket \(path) is not reachable: its file is gone or is another's"
    }

    package var statistics: FeedStatistics {
        var statistics = counters.current
        statistics.droppedScores += hub.droppedScores
        return statistics
    }

    private func startThread() -> Result<NamedThread, Errno> {
        NamedThread.start("event-feed") { [entrance, inner, hub, wakeUp, limits, counters, report] in
            let loop = FeedLoop(
                entrance: entrance,
                inner: inner,
                hub: hub,
                wakeUp: wakeUp,
                limits: limits,
                counters: counters,
                report: report
            )
            loop.run()
        }
    }
}
