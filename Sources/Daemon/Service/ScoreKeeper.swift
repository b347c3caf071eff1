import Events
import Logging
import Recognition
import ScoreHistory
import Synchronization
import System
import Text

/// Keeps the scores of every decision in the history beside the journal, on a thread of its own. If the disk is full or slow,
/// decisions are lost and counted, and nothing else suffers.
final class ScoreKeeper: Sendable {
    /// A stream whose decisions are kept.
    struct Source: Sendable {
        var name: String
        var ring: DecisionRing
        var labels: HistoryLabels
        /// Divides a lead before it becomes a score.
        var temperature: Double
    }

    struct Status: Sendable, Equatable {
        /// Decisions that were not kept.
        var lost = 0
        /// Why the last could not be written; nil if it was.
        var reason: String?
    }

    private struct State {
        var sources: [Source] = []
        var failed = 0
        var reason: String?
    }

    /// How often the decisions are written.
    private static let pause = Duration.seconds(5)
    private static let sweep = Duration.seconds(600)

    let place: HistoryPlace
    private let keep: Duration
    private let state = Mutex(State())
    private let worker = WorkerThread()
    private let logger = Logger(label: "scores")

    /// - Parameter keep: how long the minutes are kept.
    init(_ place: HistoryPlace, keep: Duration) {
        self.place = place
        self.keep = keep
    }

    var status: Status {
        state.withLock { state in
            Status(lost: state.failed + state.sources.reduce(0) { $0 + $1.ring.lost }, reason: state.reason)
        }
    }

    /// The streams that are watched from now on. What the others have left is written first.
    func setSources(_ sources: [Source]) {
        state.withLock { state in
            // The count of a ring that leaves stays.
            for old in state.sources where !sources.contains(where: { $0.ring === old.ring }) {
                state.failed += old.ring.lost
            }
            state.sources = sources
        }
        worker.signal()
    }

    func start() throws(OperationError) {
        if let error = worker.start("scores", { [self] in run() }) {
            throw OperationError("cannot start the thread that keeps scores: \(error)")
        }
    }

    /// Writes what is left and ends the thread; blocks until it has ended. No decision may follow.
    func stop() { worker.stop() }

    private func run() {
        var keeping = KeptStreams(place: place) { [logger] in logger.warning("\($0)") }
        var retention = HistoryRetention(place, keep: keep)
        var sweepAt = MonotonicTime.now
        while true {
            let isLast = worker.isStopping
            let sources = state.withLock { $0.sources }
            let (failed, reason) = keeping.write(sources, isLast: isLast)
            note(failed, reason)
            if isLast { return }
            if MonotonicTime.now >= sweepAt {
                let now = RetentionClock.Reading(
                    time: WallClock.now,
                    isSynchronised: ClockSynchronisation.isVouchedFor
                )
                retention.sweep(now: now) { [logger] in logger.warning("\($0)") }
                sweepAt = MonotonicTime.now + Self.sweep
            }
            worker.wait(Self.pause)
        }
    }

    private func note(_ failed: Int, _ reason: String?) {
        let before = state.withLock { state in
            defer { (state.failed, state.reason) = (state.failed + failed, reason) }
            return state.reason
        }
        if let reason, reason != before { logger.warning("scores are not kept: \(reason)") }
        if reason == nil, before != nil { logger.notice("scores are kept again") }
    }
}

/// The streams whose history is being written.
private struct KeptStreams {
    private struct Kept {
        var source: ScoreKeeper.Source
        let history: StreamHistory
    }

    private let place: HistoryPlace
    private let report: (String) -> Void
    private var kept: [Kept] = []

    init(place: HistoryPlace, report: @escaping (String) -> Void) {
        self.place = place
        self.report = report
    }

    /// Writes what waits in the rings.
    ///
    /// - Returns: the number of decisions that could not be written, and why.
    mutating func write(_ sources: [ScoreKeeper.Source], isLast: Bool) -> (failed: Int, reason: String?) {
        var (failed, reason): (Int, String?) = (0, nil)
        func attempt(_ decisions: Int, _ body: () throws(OperationError) -> Void) {
            do throws(OperationError) { try body() } catch {
                failed += decisions
                reason = reason ?? error.message
            }
        }
        func move(_ kept: Kept) {
            let decisions = Self.drained(kept.source)
            attempt(decisions.count) { () throws(OperationError) in try kept.history.add(decisions) }
        }
        // A stream that has been replaced or removed has decisions left.
        for old in kept { move(old) }
        var next: [Kept] = []
        for source in sources {
            if let old = kept.first(where: { $0.source.ring === source.ring }) {
                if old.source.labels != source.labels {
                    attempt(0) { () throws(OperationError) in try old.history.begin(source.labels) }
                }
                next.append(Kept(source: source, history: old.history))
            } else {
                let history = StreamHistory(place, stream: source.name, report: report)
                attempt(0) { () throws(OperationError) in try history.begin(source.labels) }
                next.append(Kept(source: source, history: history))
            }
        }
        for new in next { move(new) }
        let leaving = kept.filter { old in !next.contains { $0.history === old.history } }
        for old in leaving + (isLast ? next : []) {
            attempt(0) { () throws(OperationError) in try old.history.finish() }
        }
        kept = next
        return (failed, reason)
    }

    private static func drained(_ source: ScoreKeeper.Source) -> [ScoredDecision] {
        let (now, clock) = (WallClock.now, MonotonicTime.now)
        var decisions: [ScoredDecision] = []
        source.ring.drain { time, scores in
            decisions.append(
                ScoredDecision(
                    time: now + (time - clock),
                    leads: scores.map { Lead.ofScore($0, temperature: source.temperature) }
                )
            )
        }
        return decisions
    }
}
