import Synchronization

/// The streams that run without being reported: the cameras of other hosts that this one prepares to take over.
final class SilentStreams: Sendable {
    private let names = Mutex<Set<String>>([])

    var all: Set<String> { names.withLock { $0 } }
    func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }
    func add(_ added: Set<String>) { names.withLock { $0.formUnion(added) } }
    func remove(_ name: String) { names.withLock { _ = $0.remove(name) } }
}
