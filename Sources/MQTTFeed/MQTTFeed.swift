import Dispatch
package import EventFeed
import Synchronization
import System

/// Tells an MQTT broker what the feed tells: a client of the event socket, on a thread of its own, which neither the
/// recogniser nor other clients ever wait for.
///
/// A record counts as told once the broker has acknowledged it. Up to where that is so is kept in a file: after a broken
/// connection, a broker that was away or a restart it goes on from there.
package final class MQTTFeed: Sendable {
    /// The feed that is told.
    package struct Source: Sendable {
        /// The event socket.
        package var socket: String
        /// The numbering of its records.
        package var feedID: String
        /// Where a broker that was never told anything begins: what came until then is not for it.
        package var seqFirst: UInt64
        /// The file that keeps how far the broker was told; nil where the numbering does not outlive the daemon.
        package var mark: String?

        package init(socket: String, feedID: String, startingAfter seqFirst: UInt64, mark: String?) {
            self.socket = socket
            self.feedID = feedID
            self.seqFirst = seqFirst
            self.mark = mark
        }
    }

    /// What the operator should hear of.
    package enum Notice: Sendable, Equatable {
        case connected(broker: String)
        /// Tried again for ever. Told once for as long as the reason stays the same.
        case trouble(String)
        /// Records that are no longer kept and that the broker was never told.
        case lost(ClosedRange<UInt64>)
    }

    struct Shared {
        var status = MQTTStatus()
        var streams: [MQTTStream]
        /// Counts the changes of `streams`.
        var generation = 0
        /// A stop waits until the broker has this record.
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

    /// How long the thread's end is waited for: a look-up of the broker's name can hang for long, and nothing ends it.
    private static let farewell = DispatchTimeInterval.seconds(5)

    /// - Parameters:
    ///   - version: the daemon's, for Home Assistant.
    ///   - report: called on the feed's thread.
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

    /// Starts the thread; to be called once. Returns false where the system makes no more.
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

    /// The streams of another configuration: what is gone is taken back from the broker.
    package func replace(streams: [MQTTStream]) {
        shared.withLock { shared in
            shared.streams = streams
            shared.generation += 1
        }
        wakeUp.signal()
    }

    /// Tells a broker that is connected all up to the record, within two seconds, says farewell to it and ends. A thread that
    /// hangs in a look-up is left to itself.
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
