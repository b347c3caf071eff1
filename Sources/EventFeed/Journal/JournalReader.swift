import DequeModule
import Synchronization
import System

/// Reads pages of past records for replays and moves the log into the database, on a thread of its own: a disk that is
/// slow or hangs delays replays and nothing else.
final class JournalReader: Sendable {
    /// The most records in a page.
    static let pageSize = 512
    private static let attempts = 5

    struct Answer: Sendable {
        var ticket: UInt64
        var page: JournalDatabase.Page
    }

    private struct State {
        var requests: Deque<(ticket: UInt64, range: ClosedRange<UInt64>)> = []
        var answers: [Answer] = []
        var lastTicket: UInt64 = 0
        var wantsCheckpoint = false
    }

    private let wakeUp: WakeUp
    private let state = Mutex(State())

    init(wakeUp: WakeUp) {
        self.wakeUp = wakeUp
    }

    /// Requests a page of these records, from the lower end on. Each connection has at most one request under way.
    ///
    /// - Returns: the ticket that the answer will have.
    func request(_ range: ClosedRange<UInt64>) -> UInt64 {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            state.requests.append((state.lastTicket, range))
            return state.lastTicket
        }
        wakeUp.signal()
        return ticket
    }

    /// Takes the answers that have come.
    func takeAnswers() -> [Answer] {
        state.withLock { state in
            guard !state.answers.isEmpty else { return [] }
            defer { state.answers = [] }
            return state.answers
        }
    }

    func requestCheckpoint() {
        state.withLock { $0.wantsCheckpoint = true }
        wakeUp.signal()
    }

    func stop() { wakeUp.requestStop() }

    func run(journal: Journal, hub: EventHub) {
        while !wakeUp.isStopRequested {
            wakeUp.wait(for: nil)
            wakeUp.clear()
            while !wakeUp.isStopRequested, let request = state.withLock({ $0.requests.popFirst() }) {
                let page = page(request.range, of: journal)
                state.withLock { $0.answers.append(Answer(ticket: request.ticket, page: page)) }
                hub.wakeServer()
                checkpointIfWanted(journal)
            }
            checkpointIfWanted(journal)
        }
    }

    private func checkpointIfWanted(_ journal: Journal) {
        let isWanted = state.withLock { state in
            defer { state.wantsCheckpoint = false }
            return state.wantsCheckpoint
        }
        // The writer meets the same failure and reports it.
        if isWanted { try? journal.openDatabase?.checkpoint() }
    }

    /// Reads a page. Records that cannot be read after some attempts count as no longer kept.
    private func page(_ range: ClosedRange<UInt64>, of journal: Journal) -> JournalDatabase.Page {
        for attempt in 0..<Self.attempts where !wakeUp.isStopRequested {
            if attempt > 0 { MonotonicTime.sleep(for: .milliseconds(100)) }
            // The database may be missing, and a page may not be readable.
            if let database = journal.openDatabase,
                let page = try? database.page(range, limit: Self.pageSize)
            {
                return page
            }
        }
        return JournalDatabase.Page(from: range.lowerBound, through: range.upperBound)
    }
}
