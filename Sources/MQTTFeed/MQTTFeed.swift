import Dispatch
package import EventFeed
import Synchronization
import System

/// Publishes the feed to an MQTT broker. A client of the feed on a thread of its own, for which neither the recogniser
/// nor other clients ever wait.
///
/// A record is delivered once the broker has acknowledged it. A file keeps the last delivered record: after a broken
/// connection, an absence of the broker or a restart, publishing goes on from there.
package final class MQTTFeed: Sendable {
    /// The feed to publish.
    package struct Source: Sendable {
        package var records: RecordSource
        /// The record after which publishing begins at a broker without a mark: it does not get earlier records.
        package var seqFirst: UInt64
        /// Keeps the last delivered record; nil if the numbering does not outlive the daemon.
        package var mark: MarkPlace?
        /// Keeps what was announced to which broker.
        package var announcements: AnnouncementFile
        /// The picture of an event, as JPEG; nil if it is not written yet or there is none. Nil if none are kept.
        package var picture: (@Sendable (_ event: String) -> [UInt8]?)?

        package init(
            _ records: RecordSource,
            startingAfter seqFirst: UInt64,
            mark: MarkPlace?,
            announcements: AnnouncementFile = AnnouncementFile(path: nil),
            picture: (@Sendable (_ event: String) -> [UInt8]?)? = nil
        ) {
            self.records = records
            self.seqFirst = seqFirst
            self.mark = mark
            self.announcements = announcements
            self.picture = picture
        }
    }

    /// News for the operator.
    package enum Notice: Sendable, Equatable {
        case connected(broker: String)
        /// Publishing does not work and is retried for ever. Reported once while the reason stays the same.
        case trouble(String)
        /// Records that the broker never got and that are no longer kept.
        case lost(ClosedRange<UInt64>)
    }

    struct Shared {
        var status = MQTTStatus()
        var streams: [MQTTStream]
        /// Counts the changes of `streams`.
        var generation = 0
        /// The topics that the broker was reported to refuse.
        var refusedTopics: Set<String> = []
        /// Why the mark cannot be kept, as last reported.
        var markTrouble: String?
        /// The record that a stop waits for.
        var seqWanted: UInt64?
    }

    let settings: MQTTSettings
    let source: Source
    let version: String
    let report: @Sendable (Notice) -> Void
    let wakeUp: WakeUp
    let shared: Mutex<Shared>
    private let thread = Mutex<NamedThread?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    /// How long a stop waits for the thread: a look-up of the broker's name can hang, and nothing interrupts it.
    private static let farewell = DispatchTimeInterval.seconds(5)

    /// - Parameters:
    ///   - settings: of the broker.
    ///   - source: the feed.
    ///   - streams: the configured ones.
    ///   - version: the daemon's, for Home Assistant.
    ///   - report: called with news for the operator, on the feed's thread.
    /// - Throws: `FeedError` if the process has no descriptors left.
    package init(
        _ settings: MQTTSettings,
        source: Source,
        streams: [MQTTStream],
        version: String,
        report: @escaping @Sendable (Notice) -> Void
    ) throws(FeedError) {
        self.settings = settings
        self.source = source
        self.version = version
        self.report = report
        wakeUp = try WakeUp.forFeed()
        shared = Mutex(Shared(streams: streams))
    }

    /// Starts the thread; call it once.
    ///
    /// - Returns: false if the system has no threads left.
    package func start() -> Bool {
        guard
            case .success(let started) = NamedThread.start(
                "mqtt",
                { [self] in
                    var forwarder = FeedForwarder(feed: self)
                    forwarder.run()
                    ended.signal()
                }
            )
        else { return false }
        thread.withLock { $0 = started }
        return true
    }

    /// Sets the streams of another configuration. What is gone is removed from the broker.
    package func replace(streams: [MQTTStream]) {
        shared.withLock { shared in
            shared.streams = streams
            shared.generation += 1
        }
        wakeUp.signal()
    }

    /// Publishes the records up to `seq` to a connected broker within two seconds, disconnects and ends. A thread that
    /// hangs in a look-up is abandoned.
    package func stop(after seq: UInt64) {
        shared.withLock { $0.seqWanted = seq }
        wakeUp.requestStop()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let running else { return }
        if ended.wait(timeout: .now() + Self.farewell) == .success { running.join() } else { running.detach() }
    }

    package var status: MQTTStatus { shared.withLock { $0.status } }
}
