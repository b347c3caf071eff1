import Glibc
import Synchronization

/// Wakes a thread that polls, or tells it to end: a pair of sockets. (Swift's Glibc module has neither eventfd nor pipe2; a socket pair is
/// close-on-exec and non-blocking from its birth.)
package final class WakeUp: Sendable {
    private let receiver: FileDescriptor
    private let sender: FileDescriptor
    /// A byte is on its way, so that no second one is needed.
    private let isSignalled = Atomic(false)
    private let isStopRequestedFlag = Atomic(false)

    /// - Throws: the error number if the process has no descriptors left.
    package init() throws(Errno) {
        var pair: [Int32] = [-1, -1]
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        guard socketpair(AF_UNIX, Int32(bitPattern: type), 0, &pair) == 0 else {
            throw .last
        }
        receiver = FileDescriptor(owning: pair[0])
        sender = FileDescriptor(owning: pair[1])
    }

    /// What the woken thread polls for reading.
    package var pollable: Int32 { receiver.raw }

    /// From any thread; never blocks.
    package func signal() {
        guard !isSignalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var byte: UInt8 = 1
        _ = uninterrupted { send(sender.raw, &byte, 1, Int32(MSG_NOSIGNAL)) }
    }

    /// From any thread: there is nothing more to do.
    package func requestStop() {
        isStopRequestedFlag.store(true, ordering: .releasing)
        signal()
    }

    package var isStopRequested: Bool { isStopRequestedFlag.load(ordering: .acquiring) }

    /// By the woken thread: sleeps until there is a signal, or until the time is over; nil for no limit.
    package func wait(for timeout: Duration?) {
        var entry = pollfd(fd: receiver.raw, events: Int16(POLLIN), revents: 0)
        _ = poll(&entry, 1, timeout?.pollTimeout ?? -1)
    }

    /// By the woken thread, before it looks at what there is to do.
    package func clear() {
        var bytes = [UInt8](repeating: 0, count: 16)
        _ = uninterrupted { recv(receiver.raw, &bytes, bytes.count, 0) }
        // An exchange, not a store: it takes over what the signalling thread did before its own.
        _ = isSignalled.exchange(false, ordering: .acquiringAndReleasing)
    }
}
