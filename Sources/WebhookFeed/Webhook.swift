import Dispatch
import EventFeed
import Synchronization
import System

/// One webhook: a client of the feed on a thread of its own.
final class Webhook: Sendable {
    struct Shared {
        var status: WebhookStatus
        /// Where delivery goes on.
        var position: FeedPosition?
        /// What a stop waits for, and until when.
        var seqWanted: UInt64 = 0
        var stopBy: Instant?
    }

    let settings: WebhookSettings
    let source: WebhookFeed.Source
    let report: @Sendable (WebhookFeed.Notice) -> Void
    let wakeUp: WakeUp
    let shared: Mutex<Shared>
    /// The last record that the receiver is not to get, unless its mark says otherwise.
    let seqFirst: UInt64
    private let thread = Mutex<NamedThread?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    /// How long a stop waits for the thread beyond its time: a look-up of a name can hang, and nothing interrupts it.
    private static let grace = Duration.seconds(3)

    /// - Parameters:
    ///   - position: where an earlier webhook of this name stopped; nil for the mark's.
    ///   - seqFirst: the last record that a new receiver is not to get.
    init(
        _ settings: WebhookSettings,
        source: WebhookFeed.Source,
        position: FeedPosition?,
        startingAfter seqFirst: UInt64,
        report: @escaping @Sendable (WebhookFeed.Notice) -> Void
    ) throws(FeedError) {
        self.settings = settings
        self.source = source
        self.report = report
        self.seqFirst = seqFirst
        wakeUp = try WakeUp.forFeed()
        shared = Mutex(Shared(status: WebhookStatus(name: settings.name, seq: seqFirst), position: position))
    }

    /// Keeps the position; nil if nothing does.
    var mark: MarkPlace? {
        source.marks?(settings.name) ?? source.journal.map { .file(Self.markPath(settings.name, beside: $0)) }
    }

    static func markPath(_ name: String, beside journal: String) -> String { "\(journal)-webhook-\(name)" }

    var status: WebhookStatus { shared.withLock { $0.status } }

    /// Starts the thread; call it once.
    ///
    /// - Returns: false if the system has no threads left.
    func start() -> Bool {
        let started = NamedThread.start("hook-\(settings.name)") { [self] in
            var forwarder = WebhookForwarder(hook: self)
            forwarder.run()
            ended.signal()
        }
        guard case .success(let running) = started else { return false }
        thread.withLock { $0 = running }
        return true
    }

    /// Asks the thread to deliver the records up to `seq` in that time, and to end then.
    func requestStop(after seq: UInt64, within limit: Duration) {
        shared.withLock { shared in
            shared.seqWanted = seq
            shared.stopBy = .now + limit
        }
        wakeUp.requestStop()
    }

    /// Waits for the thread's end.
    ///
    /// - Returns: where delivery goes on; nil if it had not begun.
    @discardableResult
    func join() -> FeedPosition? {
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        let left = max(.zero, shared.withLock { $0.stopBy }.map { $0 - .now } ?? .zero) + Self.grace
        if let running {
            let deadline = DispatchTime.now() + .milliseconds(Int(left / .milliseconds(1)))
            if ended.wait(timeout: deadline) == .success { running.join() } else { running.detach() }
        }
        return shared.withLock { $0.position }
    }

    /// Whether a stop was requested and its time is over.
    var mustEnd: Bool {
        wakeUp.isStopRequested && shared.withLock { $0.stopBy.map { .now >= $0 } ?? true }
    }
}
