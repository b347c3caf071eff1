import Dispatch
public import Events
public import Frames
import Synchronization
import Threads
public import XCLIP

/// The one thread that encodes and scores for all streams.
///
/// It takes the newest waiting picture of each stream in turn, encodes those that wait together as one batch of rows, so
/// that the weights are read once for all, scores each window and moves its labels' events on.
public final class InferenceWorker: Sendable {
    /// A stream as the worker knows it from outside its thread.
    public final class Stream: Sendable {
        public let specification: StreamSpecification
        public let ring: FrameRing
        let embeddings: LabelEmbeddings
        let counters: Mutex<StreamCounters>
        /// Why the open events are to end, for the worker to take.
        let ending = Mutex<EndReason?>(nil)

        public init(specification: StreamSpecification, embeddings: LabelEmbeddings, pictureBytes: Int) {
            self.specification = specification
            self.embeddings = embeddings
            counters = Mutex(StreamCounters(events: Array(repeating: EventCounts(), count: specification.labels.count)))
            ring = FrameRing(byteCount: pictureBytes)
        }

        public var statistics: StreamCounters { counters.withLock { $0 } }
    }

    public struct StreamCounters: Sendable, Equatable {
        public var frames = WindowSession.Counts()
        public var decisions = 0
        /// The largest |Δscore| an audit has seen, and the band within which scores are confirmed.
        public var largestDrift = 0.0
        public var band = 0.0
        /// Of the last decision.
        public var lag: Duration = .zero
        /// One for each label.
        public var events: [EventCounts] = []
    }

    private let model: XCLIPModel
    private let threads: Int
    private let streams: [Stream]
    private let output: any RecognitionOutput
    private let work = DispatchSemaphore(value: 0)
    private let stopping = Atomic<Bool>(false)
    private let heartbeatNanoseconds = Atomic<Int64>(0)
    private let thread = Mutex<NamedThread?>(nil)

    /// Most frames in one batch: more rows make the products no faster, and the first stream waits for the last.
    static let batchLimit = 8

    public init(model: XCLIPModel, threads: Int, streams: [Stream], output: any RecognitionOutput) {
        self.model = model
        self.threads = threads
        self.streams = streams
        self.output = output
    }

    /// Starts the thread. Returns false where the system makes no more threads.
    public func start() -> Bool {
        beat()
        guard case .success(let started) = NamedThread.start("inference", { self.run() }) else { return false }
        thread.withLock { $0 = started }
        return true
    }

    /// Ends all open events with `shutdown`, then the thread; returns when it has ended.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        work.signal()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    /// A picture was published to a stream's ring.
    public func wake() { work.signal() }

    /// A stream's source is gone or no longer looked at: its open events end with the reason, its window is forgotten.
    public func end(_ stream: Stream, _ reason: EndReason) {
        stream.ending.withLock { $0 = reason }
        work.signal()
    }

    /// How long ago the thread last showed that it goes on; the watchdog's question.
    public var sinceHeartbeat: Duration {
        MonotonicTime.now - .nanoseconds(heartbeatNanoseconds.load(ordering: .relaxed))
    }

    private func beat() {
        heartbeatNanoseconds.store(Int64(MonotonicTime.now.seconds * 1e9), ordering: .relaxed)
    }

    private func run() {
        let team = model.makeTeam(threads: threads)
        let encoder = FrameEncoder(model: model, team: team, batch: min(streams.count, Self.batchLimit))
        encoder.onProgress = { [self] in beat() }
        var sessions = streams.map { StreamSession(stream: $0, encoder: encoder, output: output) }
        let cached = sessions.indices.filter { sessions[$0].isCached }
        let exact = sessions.indices.filter { !sessions[$0].isCached }
        var turn = 0
        while !stopping.load(ordering: .acquiring) {
            beat()
            for index in sessions.indices { sessions[index].noticeEnding() }
            // The stream that comes first changes from round to round: under overload all slow down evenly.
            turn += 1
            var progressed = false
            progressed = round(&sessions, of: cached, from: turn) { encoder.encodeBatch(for: .cached) } || progressed
            progressed = round(&sessions, of: exact, from: turn) { encoder.encodeBatch(for: .exact) } || progressed
            if !progressed { _ = work.wait(timeout: .now() + .seconds(1)) }
        }
        for index in sessions.indices { sessions[index].end(.shutdown) }
    }

    /// One batch of the streams `members`: at most one picture of each.
    private func round(_ sessions: inout [StreamSession], of members: [Int], from turn: Int, encode: () -> Void) -> Bool
    {
        var taken = 0
        for step in members.indices where taken < Self.batchLimit {
            let index = members[(turn + step) % members.count]
            if sessions[index].takeNewest() { taken += 1 }
        }
        guard taken > 0 else { return false }
        encode()
        for index in members { sessions[index].decideIfTaken() }
        return true
    }
}
