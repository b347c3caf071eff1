import Synchronization
import System

/// Serves the hub's feed on a Unix socket, from one thread of its own.
package final class FeedServer: Sendable {
    private enum Phase {
        case bound(ListeningSocket)
        case running(NamedThread)
        case stopped
    }

    private let path: String
    private let hub: EventHub
    private let limits: FeedLimits
    private let wakeUp: WakeUp
    private let counters = FeedCounters()
    private let phase: Mutex<Phase>

    /// Makes the socket and listens; clients can connect from here on and are served from `start` on.
    ///
    /// A stale socket at the path is taken over. Throws where a live process holds it, where something else stands
    /// there, or where the directory is missing.
    ///
    /// - Parameter group: gets the socket if there is such a group and this process may give files to it.
    package convenience init(
        path: String,
        mode: UInt32 = 0o660,
        group: String? = "watchword",
        hub: EventHub,
        limits: FeedLimits = FeedLimits()
    ) throws(FeedError) {
        let listening = try ListeningSocket(path: path, mode: mode, group: group)
        try self.init(listening: listening, path: path, hub: hub, limits: limits)
    }

    /// Serves on a socket that listens already, as systemd hands it in, and takes the descriptor over. Its path is
    /// neither made, given away, locked nor removed: who connects before `start` or after `stop` waits in its backlog.
    package convenience init(
        listening descriptor: Int32,
        path: String,
        hub: EventHub,
        limits: FeedLimits = FeedLimits()
    ) throws(FeedError) {
        let listening = try ListeningSocket(listening: descriptor)
        try self.init(listening: listening, path: path, hub: hub, limits: limits)
    }

    private init(listening: ListeningSocket, path: String, hub: EventHub, limits: FeedLimits) throws(FeedError) {
        self.path = path
        self.hub = hub
        self.limits = limits
        wakeUp = try WakeUp.forFeed()
        phase = Mutex(.bound(listening))
    }

    deinit {
        stop()
    }

    /// Starts the thread; to be called once.
    package func start() throws(FeedError) {
        let failure: FeedError? = phase.withLock { phase in
            guard case .bound(let listening) = phase else { preconditionFailure("a feed server starts once") }
            hub.attach(wakeUp)
            switch startThread(listening) {
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

    /// Takes in no more clients, sends those there are what they read within `limits.drain`, and closes. Whole lines
    /// only, but for a client that stopped reading in the middle of one. Waits for the thread's end; removes the
    /// socket, if it was made here.
    package func stop() {
        let last = phase.withLock { phase in
            defer { phase = .stopped }
            return phase
        }
        guard case .running(let thread) = last else { return }
        wakeUp.requestStop()
        thread.join()
        hub.detach()
    }

    package var statistics: FeedStatistics {
        var statistics = counters.current
        statistics.droppedScores += hub.droppedScores
        return statistics
    }

    private func startThread(_ listening: ListeningSocket) -> Result<NamedThread, Errno> {
        NamedThread.start("event-feed") { [hub, wakeUp, limits, counters] in
            let loop = FeedLoop(listening: listening, hub: hub, wakeUp: wakeUp, limits: limits, counters: counters)
            loop.run()
        }
    }
}
