import Glibc
import Synchronization
import System

/// The socket in the file system by which other programs reach the feed: whether they can, and how it is made anew.
///
/// The server's thread accepts clients and renews the socket; any thread may ask whether it is reachable.
final class FeedEntrance: Sendable {
    private let socket: Mutex<ListeningSocket?>

    init(_ socket: ListeningSocket) {
        self.socket = Mutex(socket)
    }

    /// The socket that listens; nil once it is closed.
    var listening: ListeningSocket? { socket.withLock(\.self) }

    /// Whether a program that connects to the path reaches this process.
    var isReachable: Bool { listening?.isInPlace ?? false }

    /// Makes the socket anew at its path. The old one stays if that fails.
    ///
    /// - Throws: `FeedError` if the directory is missing, another process holds the path, or the socket is systemd's.
    func renew() throws(FeedError) {
        guard let old = listening else { return }
        let new = try old.renewed()
        socket.withLock { $0 = new }
    }

    /// Stops listening, and removes the socket's file if it was made here.
    func close() {
        socket.withLock { $0 = nil }
    }
}
