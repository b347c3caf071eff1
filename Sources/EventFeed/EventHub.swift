import DequeModule
package import Events
import Synchronization
import System
import Text

/// Numbers all records of the daemon and keeps the newest, the open events and the health of each stream. Any thread
/// may publish; none ever waits for a subscriber or a disk.
///
/// With a journal a record is *held back* until it is saved or the journal gives up. Only then can subscribers see it,
/// so that no subscriber has a record that a killed daemon lost. Without a journal, numbers begin at 1 with each hub.
/// `feed_id` in the greeting names the numbering.
package final class EventHub: Sendable {
    /// The most scores and notices that wait for the server; beyond that the oldest are dropped.
    static let maxWaiting = 1024

    struct State {
        /// The records that subscribers can see.
        var history: RecordHistory
        /// The records after those, which are not saved yet, and when each was published.
        var held: Deque<(line: FeedLine, since: Instant)> = []
        /// Whether new records are held back.
        var holdsBack = false
        var streams: [String]
        /// The claims under which this host watches the fleet's cameras, by the stream's name.
        var epochs: [String: UInt64] = [:]
        /// The last record of each open event, by its id.
        var openEvents: [String: OpenLine] = [:]
        /// The last record of each stream, by its name.
        var health: [String: FeedLine] = [:]
        var waiting: Deque<FeedLine> = []
        var droppedScores: UInt64 = 0
        var publishedBytes: UInt64 = 0
        var wakeUp: WakeUp?
        var describe: (@Sendable (inout JSONLine) -> Void)?
    }

    struct OpenLine {
        var startedSeq: UInt64
        var line: FeedLine
    }

    /// The extent of the feed that subscribers can see.
    struct Head: Equatable {
        var seqFirst: UInt64 = 1
        var seqLast: UInt64 = 0
        /// The bytes of all records ever published.
        var publishedBytes: UInt64 = 0
    }

    /// The state of the feed at one moment.
    struct Snapshot {
        var head: Head
        /// In the order of their starts.
        var open: [FeedLine]
        /// By the stream's name.
        var streams: [FeedLine]
    }

    let version: String
    private let bootID: String
    /// Names the numbering of the records.
    package let feedID: String
    let journal: Journal?
    let state: Mutex<State>
    private let scoresSubscribers = Atomic(0)

    /// - Parameters:
    ///   - version: the daemon's, for the greeting.
    ///   - streams: the names of the configured streams, for the greeting.
    ///   - historyCapacity: the number of records that are kept in memory.
    ///   - journal: numbers go on where it ended. Start it with this hub.
    package init(version: String, streams: [String], historyCapacity: Int = 10_000, journal: Journal? = nil) {
        self.version = version
        bootID = BootIdentity.current
        feedID = journal?.feedID ?? Self.makeFeedID()
        self.journal = journal
        let history = RecordHistory(capacity: historyCapacity, seqLast: journal?.seqBase ?? 0)
        state = Mutex(State(history: history, holdsBack: journal?.status.state == .ok, streams: streams))
    }

    static func makeFeedID() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }

    /// Numbers the record, keeps it and sends it to subscribers. With a journal it is sent once it is saved.
    ///
    /// - Returns: the record's `seq`.
    @discardableResult
    package func publish(_ record: FeedRecord) -> UInt64 {
        let (seq, wakeUp) = state.withLock { state in
            let seq = state.seqGiven + 1
            let line = FeedLine(record.under(state.epochs[record.stream]), seq: seq)
            guard state.holdsBack else {
                state.release(line)
                return (seq, state.wakeUp)
            }
            state.held.append((line, .now))
            return (seq, nil)
        }
        wakeUp?.signal()
        journal?.signal()
        return seq
    }

    /// The last record that subscribers can see.
    package var seqLast: UInt64 { head.seqLast }

    /// Whether any client subscribes to scores now. If not, there is no need to make them.
    package var wantsScores: Bool { scoresSubscribers.load(ordering: .relaxed) > 0 }

    /// Sends scores to the clients that subscribe to them.
    package func publishScores(_ record: ScoresRecord) {
        guard wantsScores else { return }
        announce(FeedLine(record))
    }

    /// Sends a line that is neither numbered nor kept.
    func announce(_ line: FeedLine) {
        let wakeUp = state.withLock { state in
            if state.waiting.count == Self.maxWaiting {
                let dropped = state.waiting.removeFirst()
                if dropped.type == .scores { state.droppedScores += 1 }
            }
            state.waiting.append(line)
            return state.wakeUp
        }
        wakeUp?.signal()
    }

    /// Sets the configured streams, and forgets the health of all others.
    package func setStreams(_ streams: [String]) {
        state.withLock { state in
            state.streams = streams
            state.health = state.health.filter { streams.contains($0.key) }
        }
    }

    /// Sets the claims that the records of the fleet's cameras name from now on.
    package func setEpochs(_ epochs: [String: UInt64]) { state.withLock { $0.epochs = epochs } }

    /// The scores that were dropped because the server fetched them too slowly.
    var droppedScores: UInt64 { state.withLock { $0.droppedScores } }

    // MARK: - The server's side

    /// Sets what to wake when there is something new. A hub has one server.
    func attach(_ wakeUp: WakeUp) {
        state.withLock { state in
            precondition(state.wakeUp == nil, "a hub has one server")
            state.wakeUp = wakeUp
        }
    }

    func detach() {
        state.withLock { state in
            state.wakeUp = nil
            state.waiting.removeAll()
        }
    }

    /// Wakes the server's thread for news from outside the hub.
    func wakeServer() {
        let wakeUp = state.withLock { $0.wakeUp }
        wakeUp?.signal()
    }

    var head: Head { state.withLock { $0.head } }

    /// The first line for a new client, and the extent of the feed at that moment.
    func greeting() -> (line: JSONLine, head: Head) {
        let (head, streams) = state.withLock { ($0.head, $0.streams) }
        var line = JSONLine(type: "hello")
        line.add("protocol", 1)
        line.add("version", version)
        line.add("boot_id", bootID)
        line.add("feed_id", feedID)
        line.add("seq_first", min(head.seqFirst, journal?.seqFirst ?? .max))
        line.add("seq_last", head.seqLast)
        line.add("streams", streams)
        line.add("journal", journal?.status.state.rawValue ?? "none")
        return (line, head)
    }

    func snapshot() -> Snapshot {
        state.withLock { state in
            Snapshot(
                head: state.head,
                open: state.openLines,
                streams: state.health.values.sorted { $0.stream < $1.stream }
            )
        }
    }

    func read(from seq: UInt64, limit: Int) -> RecordHistory.Batch {
        state.withLock { $0.history.read(from: seq, limit: limit) }
    }

    /// Takes the scores and notices that wait.
    func takeWaiting() -> [FeedLine] {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return [] }
            defer { state.waiting.removeAll(keepingCapacity: true) }
            return Array(state.waiting)
        }
    }

    func changeScoresSubscribers(by difference: Int) {
        scoresSubscribers.wrappingAdd(difference, ordering: .relaxed)
    }
}

extension EventHub.State {
    /// The last number that was given.
    var seqGiven: UInt64 { history.seqLast + UInt64(held.count) }

    var head: EventHub.Head {
        EventHub.Head(seqFirst: history.seqFirst, seqLast: history.seqLast, publishedBytes: publishedBytes)
    }

    /// The last records of the open events, in the order of their starts.
    var openLines: [FeedLine] {
        openEvents.values.sorted { $0.startedSeq < $1.startedSeq }.map(\.line)
    }

    /// Lets subscribers see the record, and updates the open events and the health of streams.
    mutating func release(_ line: FeedLine) {
        history.append(line)
        publishedBytes += UInt64(line.bytes.count)
        if let event = line.event, event.isOpen {
            openEvents[event.id, default: EventHub.OpenLine(startedSeq: history.seqLast, line: line)].line = line
        } else if let event = line.event {
            openEvents[event.id] = nil
        } else if line.type == .stream, streams.contains(line.stream) {
            // The last record of a removed stream may have been held back until now.
            health[line.stream] = line
        }
    }
}
