import Dispatch
package import Events
package import Frames
import Synchronization
import System
package import XCLIP

/// The one thread that encodes and scores for all streams.
///
/// It takes the newest waiting picture of each stream in turn, encodes those that wait together as one batch of rows, so
/// that the weights are read once for all, scores each window and moves its labels' events on.
package final class InferenceWorker: Sendable {
    /// A stream as the worker knows it from outside its thread.
    package final class Stream: Sendable {
        /// As it was when the stream was made; a `Change` may since have given its labels other rules.
        package let specification: StreamSpecification
        package let ring: FrameRing
        let embeddings: LabelEmbeddings
        let counters: Mutex<StreamCounters>
        /// Why the open events are to end, for the worker to take.
        let ending = Mutex<EndReason?>(nil)

        package init(specification: StreamSpecification, embeddings: LabelEmbeddings, pictureBytes: Int) {
            self.specification = specification
            self.embeddings = embeddings
            counters = Mutex(StreamCounters(events: Array(repeating: EventCounts(), count: specification.labels.count)))
            ring = FrameRing(byteCount: pictureBytes)
        }

        package var statistics: StreamCounters { counters.withLock { $0 } }
    }

    package struct StreamCounters: Sendable, Equatable {
        package var frames = WindowSession.Counts()
        package var checks = StreamRecogniser.Checks()
        package var decisions = 0
        /// The largest |Δscore| an audit has seen, and the band within which scores are confirmed.
        package var largestDrift = 0.0
        package var band = 0.0
        /// Of the last decision.
        package var lag: Duration = .zero
        /// From the beginning of the batch to the scores, of every decision.
        package var inference = DurationHistogram()
        /// One for each label.
        package var events: [EventCounts] = []
    }

    /// What is to become of the streams while the worker goes on with the others.
    package enum Change: Sendable {
        case add(Stream)
        /// Its open events end with the reason.
        case remove(Stream, EndReason)
        /// One for each label. Open events stay open.
        case replaceRules(Stream, [EventRules])
    }

    /// Changes that wait for the thread, and who waits for them.
    private struct Pending {
        var changes: [(change: Change, done: DispatchSemaphore)] = []
        var isOver = false
    }

    private let model: XCLIPModel
    private let threads: Int
    private let output: any RecognitionOutput
    private let work = DispatchSemaphore(value: 0)
    private let stopping = Atomic<Bool>(false)
    private let heartbeatNanoseconds = Atomic<Int64>(0)
    private let pending = Mutex(Pending())
    private let hasPending = Atomic<Bool>(false)
    private let thread = Mutex<NamedThread?>(nil)

    /// Most frames in one batch: more rows make the products no faster, and the first stream waits for the last.
    static let batchLimit = 8

    package init(model: XCLIPModel, threads: Int, output: any RecognitionOutput) {
        self.model = model
        self.threads = threads
        self.output = output
    }

    /// Starts the thread. Returns false where the system makes no more threads.
    package func start() -> Bool {
        beat()
        guard case .success(let started) = NamedThread.start("inference", { self.run() }) else { return false }
        thread.withLock { $0 = started }
        return true
    }

    /// Ends all open events with `shutdown`, then the thread; returns when it has ended.
    package func stop() {
        stopping.store(true, ordering: .releasing)
        work.signal()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    /// Makes the changes in their order, between two rounds of inference; blocks until that is done. For a worker that
    /// was started; one that has ended changes nothing any more.
    package func apply(_ changes: [Change]) {
        let done = DispatchSemaphore(value: 0)
        let waits = pending.withLock { pending in
            guard !pending.isOver else { return false }
            pending.changes += changes.map { ($0, done) }
            return true
        }
        guard waits else { return }
        hasPending.store(true, ordering: .releasing)
        work.signal()
        for _ in changes { done.wait() }
    }

    /// A picture was published to a stream's ring.
    package func wake() { work.signal() }

    /// A stream's source is gone or no longer looked at: its open events end with the reason, its window is forgotten.
    package func end(_ stream: Stream, _ reason: EndReason) {
        stream.ending.withLock { $0 = reason }
        work.signal()
    }

    /// How long ago the thread last showed that it goes on; the watchdog's question.
    package var sinceHeartbeat: Duration {
        MonotonicTime.now - .nanoseconds(heartbeatNanoseconds.load(ordering: .relaxed))
    }

    private func beat() {
        heartbeatNanoseconds.store(Int64(MonotonicTime.now.seconds * 1e9), ordering: .relaxed)
    }

    private func run() {
        let team = model.makeTeam(threads: threads)
        let encoder = FrameEncoder(model: model, team: team, batch: Self.batchLimit)
        encoder.onProgress = { [self] in beat() }
        var sessions: [StreamSession] = []
        // The cheapest first: a stream of theirs never waits for another's whole window.
        var rounds: [(reuse: ReuseLevel, members: [Int])] = []
        var turn = 0
        while !stopping.load(ordering: .acquiring) {
            beat()
            if hasPending.exchange(false, ordering: .acquiringAndReleasing) {
                change(&sessions, encoder)
                rounds = [.cached, .sweep, .exact].map { level in
                    (level, sessions.indices.filter { sessions[$0].reuse == level })
                }
            }
            for index in sessions.indices { sessions[index].noticeEnding() }
            // The stream that comes first changes from round to round: under overload all slow down evenly.
            turn += 1
            var progressed = false
            for (reuse, members) in rounds {
                progressed = round(&sessions, of: members, from: turn) { encoder.encodeBatch(for: reuse) } || progressed
            }
            if !progressed { _ = work.wait(timeout: .now() + .seconds(1)) }
        }
        for index in sessions.indices { sessions[index].end(.shutdown) }
        let unmade = pending.withLock { pending in
            pending.isOver = true
            defer { pending.changes.removeAll() }
            return pending.changes
        }
        for (_, done) in unmade { done.signal() }
    }

    private func change(_ sessions: inout [StreamSession], _ encoder: FrameEncoder) {
        let changes = pending.withLock { pending in
            defer { pending.changes.removeAll() }
            return pending.changes
        }
        for (change, done) in changes {
            switch change {
            case .add(let stream):
                sessions.append(StreamSession(stream: stream, encoder: encoder, output: output))
            case .remove(let stream, let reason):
                guard let index = sessions.firstIndex(where: { $0.stream === stream }) else { break }
                sessions[index].end(reason)
                sessions.remove(at: index)
            case .replaceRules(let stream, let rules):
                guard let index = sessions.firstIndex(where: { $0.stream === stream }) else { break }
                sessions[index].replaceRules(rules)
            }
            done.signal()
        }
    }

    /// One batch of the streams `members`: at most one picture of each.
    private func round(_ sessions: inout [StreamSession], of members: [Int], from turn: Int, encode: () -> Void) -> Bool
    {
        var taken = 0
        let begun = MonotonicTime.now
        for step in members.indices where taken < Self.batchLimit {
            let index = members[(turn + step) % members.count]
            if sessions[index].takeNewest() { taken += 1 }
        }
        guard taken > 0 else { return false }
        encode()
        for index in members { sessions[index].decideIfTaken(batchBegun: begun) }
        return true
    }
}
