import Synchronization

/// The open connections: limits their number and ends them all.
final class OpenConnections: Sendable {
    private struct State {
        var descriptors: Set<Int32> = []
        var streams = 0
        var isStopping = false
    }

    private let limits: WebLimits
    private let state = Mutex(State())

    init(limits: WebLimits) { self.limits = limits }

    /// - Returns: false if there are too many.
    func add(_ descriptor: Int32) -> Bool {
        state.withLock { state in
            guard !state.isStopping, state.descriptors.count < limits.maxConnections else { return false }
            state.descriptors.insert(descriptor)
            return true
        }
    }

    /// Call it before the descriptor is closed: another file may get its number at once.
    func remove(_ descriptor: Int32) { _ = state.withLock { $0.descriptors.remove(descriptor) } }

    /// - Returns: false if too many connections receive live events.
    func addStream() -> Bool {
        state.withLock { state in
            guard state.streams < limits.maxStreams else { return false }
            state.streams += 1
            return true
        }
    }

    func removeStream() { state.withLock { $0.streams -= 1 } }

    /// Ends all connections and refuses further ones.
    func stop() {
        state.withLock { state in
            state.isStopping = true
            for descriptor in state.descriptors { Socket.end(descriptor) }
        }
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }
    var count: Int { state.withLock { $0.descriptors.count } }
}
