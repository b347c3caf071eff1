import Synchronization
import System

/// The open connections: limits their number and ends them all.
///
/// A connection that waits for the rest of a request costs its client nothing. So when there are too many, the one that
/// has waited longest is ended for a new one. Only if all are being answered is a new one refused. A few places are
/// reserved for requests that must get through even then.
final class OpenConnections: Sendable {
    enum Admission: Equatable {
        case served
        /// In a place for requests that must get through.
        case reserved
        case refused
    }

    fileprivate struct Connection {
        var peer: String
        /// Since when it has waited for a request's head; nil while a request is answered.
        var waitingSince: Instant?
        var isReserved: Bool
    }

    fileprivate struct State {
        var connections: [Int32: Connection] = [:]
        /// Those that were ended for others and whose threads have not ended yet.
        var evicted: Set<Int32> = []
        var streams: [String: Int] = [:]
        var isStopping = false
    }

    private let limits: WebLimits
    private let state = Mutex(State())

    init(limits: WebLimits) { self.limits = limits }

    /// - Parameters:
    ///   - descriptor: of the connection.
    ///   - peer: the client's address.
    func add(_ descriptor: Int32, from peer: String) -> Admission {
        state.withLock { state in
            // Threads that are still ending count as well, or a flood would have any number of them.
            let most = limits.maxConnections + limits.maxReserved
            guard !state.isStopping, state.connections.count + state.evicted.count < 2 * most else { return .refused }
            let served = state.connections.filter { !$0.value.isReserved }
            let own = served.filter { $0.value.peer == peer }
            var admission = Admission.served
            if own.count >= limits.maxPerPeer {
                if !state.evict(own) { admission = .reserved }
            } else if served.count >= limits.maxConnections {
                if !state.evict(served) { admission = .reserved }
            }
            if admission == .reserved {
                let reserved = state.connections.filter { $0.value.isReserved }
                if reserved.count >= limits.maxReserved, !state.evict(reserved) { return .refused }
            }
            let isReserved = admission == .reserved
            state.connections[descriptor] = Connection(peer: peer, waitingSince: .now, isReserved: isReserved)
            return admission
        }
    }

    /// A request's head has come: it will be answered.
    ///
    /// - Returns: false if the connection was ended for another.
    func begin(_ descriptor: Int32) -> Bool {
        state.withLock { state in
            guard state.connections[descriptor] != nil else { return false }
            state.connections[descriptor]?.waitingSince = nil
            return true
        }
    }

    /// The answer is written, and the connection waits for the next request.
    func finish(_ descriptor: Int32) { state.withLock { $0.connections[descriptor]?.waitingSince = .now } }

    /// Call it before the descriptor is closed: another file may get its number at once.
    func remove(_ descriptor: Int32) {
        state.withLock { state in
            state.connections[descriptor] = nil
            state.evicted.remove(descriptor)
        }
    }

    /// - Returns: false if too many connections, or too many of this client, receive live events.
    func addStream(from peer: String) -> Bool {
        state.withLock { state in
            let all = state.streams.values.reduce(0, +)
            guard all < limits.maxStreams, state.streams[peer, default: 0] < limits.maxStreamsPerPeer else {
                return false
            }
            state.streams[peer, default: 0] += 1
            return true
        }
    }

    func removeStream(from peer: String) {
        state.withLock { state in
            let count = state.streams[peer, default: 0] - 1
            state.streams[peer] = count > 0 ? count : nil
        }
    }

    /// Ends all connections and refuses further ones.
    func stop() {
        state.withLock { state in
            state.isStopping = true
            for descriptor in state.connections.keys { Socket.end(descriptor) }
        }
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }
    var count: Int { state.withLock { $0.connections.count + $0.evicted.count } }
}

extension OpenConnections.State {
    /// Ends the connection that has waited longest for a head, of the client that has most of those that wait.
    ///
    /// - Returns: false if none waits.
    fileprivate mutating func evict(_ candidates: [Int32: OpenConnections.Connection]) -> Bool {
        let waiting = candidates.compactMap { descriptor, connection in
            connection.waitingSince.map { (descriptor: descriptor, peer: connection.peer, since: $0) }
        }
        var counts: [String: Int] = [:]
        for connection in waiting { counts[connection.peer, default: 0] += 1 }
        let most = counts.values.max() ?? 0
        let victim = waiting.filter { counts[$0.peer] == most }.min { $0.since < $1.since }
        guard let victim else { return false }
        connections[victim.descriptor] = nil
        evicted.insert(victim.descriptor)
        Socket.end(victim.descriptor)
        return true
    }
}
