import Dispatch
import Glibc
import Synchronization
import System

/// Starts processes on one thread that never ends. The kernel ends a capture process with the thread that started it, and
/// a stream's thread may end while its process still writes a clip.
final class CaptureSpawner: Sendable {
    static let shared = CaptureSpawner()

    private struct Order: Sendable {
        let file: String
        let words: [String]
        let environment: [String: String]
        let descriptors: [Int32: Int32]
        let done: @Sendable (Result<ProcessGroup, Errno>) -> Void
    }

    private let orders = Mutex<(queue: [Order], isRunning: Bool)>(([], false))
    private let arrived = DispatchSemaphore(value: 0)

    /// Starts a program; see `ProcessGroup.start`. Waits until it has started.
    func start(
        _ words: [String],
        file: String,
        environment: [String: String],
        descriptors: [Int32: Int32]
    ) -> Result<ProcessGroup, Errno> {
        let result = Mutex<Result<ProcessGroup, Errno>>(.failure(Errno(EAGAIN)))
        let started = DispatchSemaphore(value: 0)
        let failure = enqueue(
            Order(file: file, words: words, environment: environment, descriptors: descriptors) { outcome in
                result.withLock { $0 = outcome }
                started.signal()
            }
        )
        if let failure { return .failure(failure) }
        started.wait()
        return result.withLock { $0 }
    }

    private func enqueue(_ order: Order) -> Errno? {
        let failure = orders.withLock { orders -> Errno? in
            if !orders.isRunning {
                switch NamedThread.start("spawn", { [self] in run() }) {
                case .success(let thread): thread.detach()
                case .failure(let error): return error
                }
                orders.isRunning = true
            }
            orders.queue.append(order)
            return nil
        }
        if failure == nil { arrived.signal() }
        return failure
    }

    private func run() {
        while true {
            arrived.wait()
            guard let order = orders.withLock({ $0.queue.isEmpty ? nil : $0.queue.removeFirst() }) else { continue }
            order.done(
                ProcessGroup.start(
                    order.words,
                    file: order.file,
                    environment: order.environment,
                    descriptors: order.descriptors
                )
            )
        }
    }
}
