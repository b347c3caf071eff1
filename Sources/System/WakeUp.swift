import Glibc
import Synchronization

/// Wakes a polling thread or asks it to stop, through a pair of sockets.
///
/// Swift's Glibc module has neither eventfd nor pipe2. A socket pair is created close-on-exec and non-blocking.
package final class WakeUp: Sendable {
    private let receiver: FileDescriptor
    private let sender: FileDescriptor
    /// Whether a byte is on its way, so that no second one is needed.
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

    /// The descriptor that the woken thread polls for reading.
    package var pollable: Int32 { receiver.raw }

    /// Wakes the thread. Call it from any thread; it never blocks.
    package func signal() {
        guard !isSignalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var byte: UInt8 = 1
        _ = uninterrupted { send(sender.raw, &byte, 1, Int32(MSG_NOSIGNAL)) }
    }

    /// Asks the thread to stop. Call it from any thread; it never blocks.
    package func requestStop() {
        isStopRequestedFlag.store(true, ordering: .releasing)
        signal()
    }

    package var isStopRequested: Bool { isStopRequestedFlag.load(ordering: .acquiring) }

    /// Sleeps until there is a signal or the time is over. Call it on the woken thread.
    ///
    /// - Parameters:
    ///   - timeout: the longest sleep; nil for no limit.
    ///   - other: a descriptor that ends the sleep when it is readable; nil for none.
    package func wait(for timeout: Duration?, orReadable other: Int32? = nil) {
        // poll ignores negative descriptors.
        var entries = [receiver.raw, other ?? -1].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = poll(&entries, nfds_t(entries.count), timeout?.pollTimeout ?? -1)
    }

    /// Sleeps until the time is over or a stop is requested. Signals are consumed.
    package func rest(for pause: Duration) {
        let end = Instant.now + pause
        while !isStopRequested, .now < end {
            clear()
            if !isStopRequested { wait(for: end - .now) }
        }
    }

    /// Consumes the signal. Call it on the woken thread before it looks for work.
    package func clear() {
        var bytes = [UInt8](repeating: 0, count: 16)
        _ = uninterrupted { recv(receiver.raw, &bytes, bytes.count, 0) }
        // An exchange rather than a store, so that this thread sees what the signalling thread wrote before its own
        // exchange.
        _ = isSignalled.exchange(false, ordering: .acquiringAndReleasing)
    }
}
