import Glibc
import Synchronization
import System

/// Connections from within this process, on their way to the server's thread: the server's ends of pairs of sockets.
final class InnerConnections: Sendable {
    private struct State {
        var descriptors: [Int32] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    deinit { close() }

    /// Makes a pair of sockets and queues the server's end.
    ///
    /// - Returns: the client's end, which blocks; nil once the server has stopped.
    /// - Throws: `Errno` if the process has no descriptors left.
    func add() throws(Errno) -> FileDescriptor? {
        var pair: [Int32] = [-1, -1]
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
        guard socketpair(AF_UNIX, Int32(bitPattern: type), 0, &pair) == 0 else { throw .last }
        let client = FileDescriptor(owning: pair[0])
        let isQueued = state.withLock { state in
            guard !state.isClosed else { return false }
            state.descriptors.append(pair[1])
            return true
        }
        guard isQueued else {
            Glibc.close(pair[1])
            return nil
        }
        return client
    }

    /// Takes the queued ends, which the caller then owns.
    func take() -> [Int32] {
        state.withLock { state in
            guard !state.descriptors.isEmpty else { return [] }
            defer { state.descriptors = [] }
            return state.descriptors
        }
    }

    /// Refuses further connections and closes those that nobody took.
    func close() {
        let left = state.withLock { state in
            defer { state.descriptors = [] }
            state.isClosed = true
            return state.descriptors
        }
        for descriptor in left { Glibc.close(descriptor) }
    }
}
