import Dispatch
import Synchronization

/// A thread that works until it is stopped, and waits in between.
package final class WorkerThread: Sendable {
    private let thread = Mutex<NamedThread?>(nil)
    private let isToEnd = Atomic(false)
    private let wake = DispatchSemaphore(value: 0)

    package init() {}

    /// Starts the thread; call it once. `body` ends once `isStopping` is true.
    ///
    /// - Returns: the error number if the system allows no more threads.
    package func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Errno? {
        switch NamedThread.start(name, body) {
        case .success(let started):
            thread.withLock { $0 = started }
            return nil
        case .failure(let error): return error
        }
    }

    /// Has the thread do what is left to do, and waits until it has ended.
    package func stop() {
        isToEnd.store(true, ordering: .releasing)
        wake.signal()
        let ending = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        ending?.join()
    }

    package var isStopping: Bool { isToEnd.load(ordering: .acquiring) }

    /// Ends the thread's wait. Never blocks.
    package func signal() { wake.signal() }

    /// Waits for a signal, or for this long. On the thread itself.
    package func wait(_ limit: Duration) {
        _ = wake.wait(timeout: .now() + .milliseconds(Int(max(0, limit.milliseconds)) + 1))
    }
}
