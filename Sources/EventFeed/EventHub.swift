import DequeModule
public import Events
import Synchronization

/// Where all records of the daemon come together: numbers them, keeps the newest, knows the open events and how each
/// stream is doing. Any thread may publish; none ever waits for a subscriber.
///
/// Numbers begin at 1 with each hub, for the history lies in memory. `feed_id` in the greeting names the numbering.
public final class EventHub: Sendable {
    /// Scores that the server has not fetched yet; the oldest go when there are more.
    static let maxWaitingScores = 1024

    fileprivate struct State {
        var history: RecordHistory
        var streams: [String]
        /// The last record of each open event, by its id.
        var openEvents: [String: OpenLine] = [:]
        /// The last record of each stream, by its name.
        var health: [String: FeedLine] = [:]
        var waitingScores: Deque<FeedLine> = []
        var droppedScores: UInt64 = 0
        var publishedBytes: UInt64 = 0
        var wakeUp: WakeUp?
    }

    fileprivate struct OpenLine {
        var startedSeq: UInt64
        var line: FeedLine
    }

    /// How far the feed has come.
    struct Head: Equatable {
        var seqFirst: UInt64 = 1
        var seqLast: UInt64 = 0
        /// Bytes of all records ever published.
        var publishedBytes: UInt64 = 0
    }

    /// How things stand at one moment.
    struct Snapshot {
        var head: Head
        /// In the order of their starts.
        var open: [FeedLine]
        /// By the stream's name.
        var streams: [FeedLine]
    }

    private let version: String
    private let bootID: String
    private let feedID: String
    private let state: Mutex<State>
    private let scoresSubscribers = Atomic(0)

    /// - Parameter version: the daemon's, for the greeting.
    /// - Parameter streams: the names of the configured streams, for the greeting.
    public init(version: String, streams: [String], historyCapacity: Int = 10_000) {
        self.version = version
        bootID = BootIdentity.current
        feedID = String(UInt64.random(in: .min ... .max), radix: 16)
        state = Mutex(State(history: RecordHistory(capacity: historyCapacity), streams: streams))
    }

    /// Numbers the record, keeps it and passes it on to subscribers.
    ///
    /// - Returns: its `seq`.
    @discardableResult
    public func publish(_ record: FeedRecord) -> UInt64 {
        let (seq, wakeUp) = state.withLock { state in
            let seq = state.history.seqLast + 1
            let line = FeedLine(record, seq: seq)
            state.history.append(line)
            state.publishedBytes += UInt64(line.bytes.count)
            state.follow(record, line: line, seq: seq)
            return (seq, state.wakeUp)
        }
        wakeUp?.signal()
        return seq
    }

    /// Whether anybody would get scores now: what spares making them.
    public var wantsScores: Bool { scoresSubscribers.load(ordering: .relaxed) > 0 }

    /// Passes scores on to those who asked for them; does nothing when nobody has.
    public func publishScores(_ record: ScoresRecord) {
        guard wantsScores else { return }
        let line = FeedLine(record)
        let wakeUp = state.withLock { state in
            if state.waitingScores.count == Self.maxWaitingScores {
                state.waitingScores.removeFirst()
                state.droppedScores += 1
            }
            state.waitingScores.append(line)
            return state.wakeUp
        }
        wakeUp?.signal()
    }

    /// The configured streams have changed. What was known of the health of others is forgotten.
    public func setStreams(_ streams: [String]) {
        state.withLock { state in
            state.streams = streams
            state.health = state.health.filter { streams.contains($0.key) }
        }
    }

    /// Scores that went to nobody since the hub began, for the server fetched them too slowly.
    var droppedScores: UInt64 { state.withLock { $0.droppedScores } }

    // MARK: - The server's side

    /// Names the thread to wake when there is something new; there is one server to a hub.
    func attach(_ wakeUp: WakeUp) {
        state.withLock { state in
            precondition(state.wakeUp == nil, "a hub has one server")
            state.wakeUp = wakeUp
        }
    }

    func detach() {
        state.withLock { state in
            state.wakeUp = nil
            state.waitingScores.removeAll()
        }
    }

    var head: Head { state.withLock { $0.head } }

    /// The first line for a new client, and how far the feed had come when it was made.
    func greeting() -> (line: JSONLine, head: Head) {
        let (head, streams) = state.withLock { ($0.head, $0.streams) }
        var line = JSONLine(type: "hello")
        line.add("protocol", 1)
        line.add("version", version)
        line.add("boot_id", bootID)
        line.add("feed_id", feedID)
        line.add("seq_first", head.seqFirst)
        line.add("seq_last", head.seqLast)
        line.add("streams", streams)
        return (line, head)
    }

    func snapshot() -> Snapshot {
        state.withLock { state in
            Snapshot(
                head: state.head,
                open: state.openEvents.values.sorted { $0.startedSeq < $1.startedSeq }.map(\.line),
                streams: state.health.values.sorted { $0.stream < $1.stream }
            )
        }
    }

    func read(from seq: UInt64, limit: Int) -> RecordHistory.Batch {
        state.withLock { $0.history.read(from: seq, limit: limit) }
    }

    /// The scores that wait, which then no longer do.
    func takeScores() -> [FeedLine] {
        state.withLock { state in
            guard !state.waitingScores.isEmpty else { return [] }
            defer { state.waitingScores.removeAll(keepingCapacity: true) }
            return Array(state.waitingScores)
        }
    }

    func changeScoresSubscribers(by difference: Int) {
        scoresSubscribers.wrappingAdd(difference, ordering: .relaxed)
    }
}

extension EventHub.State {
    fileprivate var head: EventHub.Head {
        EventHub.Head(seqFirst: history.seqFirst, seqLast: history.seqLast, publishedBytes: publishedBytes)
    }

    /// Keeps what a snapshot tells up to date.
    fileprivate mutating func follow(_ record: FeedRecord, line: FeedLine, seq: UInt64) {
        switch record {
        case .event(let event) where event.state == .ended:
            openEvents[event.id] = nil
        case .event(let event):
            openEvents[event.id, default: EventHub.OpenLine(startedSeq: seq, line: line)].line = line
        case .stream(let health):
            self.health[health.stream] = line
        }
    }
}
