import Dispatch
package import Events
package import Frames
import Synchronization
import System
package import XCLIP

/// The one thread that encodes and scores for all streams, as other threads see it; `InferenceLoop` is what it does.
package final class InferenceWorker: Sendable {
    /// A stream as the worker knows it from outside its thread.
    package final class Stream: Sendable {
        package let ring: FrameRing
        /// The scores of its decisions, for the thread that keeps them; nil if they are not kept.
        package let decisions: DecisionRing?
        let embeddings: LabelEmbeddings
        /// What is known of the thresholds that are learned when the stream begins.
        let learned: [LearnedThreshold?]
        private let current: Mutex<StreamSpecification>
        let counters: Mutex<StreamCounters>
        /// Why the open events are to end, for the worker to take.
        let ending = Mutex<EndReason?>(nil)

        package init(
            specification: StreamSpecification,
            embeddings: LabelEmbeddings,
            pictureBytes: Int,
            keepsDecisions: Bool = false,
            learned: [LearnedThreshold?]? = nil
        ) {
            current = Mutex(specification)
            self.embeddings = embeddings
            self.learned = learned ?? specification.learnedThresholds
            counters = Mutex(
                StreamCounters(
                    events: specification.allLabels.map { _ in EventCounts() },
                    learned: self.learned.map { $0?.reading }
                )
            )
            ring = FrameRing(byteCount: pictureBytes)
            let labels = specification.labels.count
            decisions = keepsDecisions && labels > 0 ? DecisionRing(labels: labels) : nil
        }

        package var statistics: StreamCounters { counters.withLock { $0 } }

        /// What the recogniser does with the stream now, with the rules of the last `Change`.
        package internal(set) var specification: StreamSpecification {
            get { current.withLock { $0 } }
            set { current.withLock { $0 = newValue } }
        }
    }

    package struct StreamCounters: Sendable, Equatable {
        package var frames = WindowSession.Counts()
        package var checks = StreamRecogniser.Checks()
        package var decisions = 0
        /// Of the stream's level.
        package var drift = DriftEstimate.Reading()
        /// Of exact passes in int8; nil if steps are computed in floats.
        package var int8Drift: DriftEstimate.Reading?
        /// Of the last decision.
        package var lag: Duration = .zero
        /// From the beginning of the batch to the scores, of every decision.
        package var inference = DurationHistogram()
        /// One for each label, the signals' last.
        package var events: [EventCounts] = []
        /// The thresholds that are learned, one for each label; nil for the others.
        package var learned: [LearnedThreshold.Reading?] = []
    }

    /// What is to become of the streams while the worker goes on with the others.
    package enum Change: Sendable {
        case add(Stream)
        /// Its open events end with the reason.
        case remove(Stream, EndReason)
        /// One for each label, the signals' last. Open events stay open. `learned`: what is known of thresholds that were not
        /// learned before.
        case replaceRules(Stream, [EventRules], learned: [LearnedThreshold?]? = nil)
        /// Its events begin anew, without an end of those before; its window stays.
        case restartEvents(Stream)
    }

    /// Changes that wait for the thread, and who waits for them.
    struct Pending {
        var changes: [(change: Change, done: DispatchSemaphore)] = []
        var isOver = false
    }

    private let model: XCLIPModel
    private let threads: Int
    private let output: any RecognitionOutput
    private let work = DispatchSemaphore(value: 0)
    private let stopping = Atomic<Bool>(false)
    private let heartbeatNanoseconds = Atomic<UInt64>(0)
    private let stepBeganNanoseconds = Atomic<UInt64>(0)
    private let stepNanoseconds = Atomic<UInt64>(0)
    private let pending = Mutex(Pending())
    private let hasPending = Atomic<Bool>(false)
    private let hasEnding = Atomic<Bool>(false)
    private let thread = Mutex<NamedThread?>(nil)
    private let betweenProducts: @Sendable () -> Void

    package convenience init(model: XCLIPModel, threads: Int, output: any RecognitionOutput) {
        self.init(model: model, threads: threads, output: output, betweenProducts: {})
    }

    /// - Parameter betweenProducts: called on the thread before each product of a step; for tests that act within one.
    init(
        model: XCLIPModel,
        threads: Int,
        output: any RecognitionOutput,
        betweenProducts: @escaping @Sendable () -> Void
    ) {
        self.model = model
        self.threads = threads
        self.output = output
        self.betweenProducts = betweenProducts
    }

    /// Starts the thread.
    ///
    /// - Returns: false if the system makes no more threads.
    package func start() -> Bool {
        heartbeatNanoseconds.store(MonotonicTime.now.nanoseconds, ordering: .relaxed)
        let started = NamedThread.start("inference") { [self] in
            InferenceLoop(self, model: model, threads: threads, output: output).run()
        }
        guard case .success(let started) = started else { return false }
        thread.withLock { $0 = started }
        return true
    }

    /// Ends all open events with `shutdown`, then the thread; returns when it has ended. A step that is under way is
    /// abandoned.
    package func stop() {
        stopping.store(true, ordering: .releasing)
        work.signal()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    /// Makes the changes in their order and blocks until that is done. A step that is under way goes on for the streams
    /// that stay. For a worker that was started; one that has ended changes nothing any more.
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

    /// A stream's source is gone or no longer watched: its open events end with the reason, its window is forgotten.
    package func end(_ stream: Stream, _ reason: EndReason) {
        stream.ending.withLock { $0 = reason }
        hasEnding.store(true, ordering: .releasing)
        work.signal()
    }

    /// How long ago the thread last showed that it goes on; the watchdog's question.
    package var sinceHeartbeat: Duration {
        MonotonicTime.now - .nanoseconds(Int64(heartbeatNanoseconds.load(ordering: .relaxed)))
    }

    /// How long the last step took, or the one under way if it takes longer already; a step is a batch of pictures up to
    /// its streams' scores. Zero before the first.
    package var stepDuration: Duration {
        let last = Duration.nanoseconds(Int64(stepNanoseconds.load(ordering: .relaxed)))
        let began = stepBeganNanoseconds.load(ordering: .relaxed)
        return began == 0 ? last : max(last, MonotonicTime.now - .nanoseconds(Int64(began)))
    }
}

// What the loop asks of its handle.
extension InferenceWorker {
    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    func beat() {
        if stepBeganNanoseconds.load(ordering: .relaxed) != 0 { betweenProducts() }
        heartbeatNanoseconds.store(MonotonicTime.now.nanoseconds, ordering: .relaxed)
    }

    func stepBegins(at time: Duration) { stepBeganNanoseconds.store(time.nanoseconds, ordering: .relaxed) }

    func stepEnds(after duration: Duration) {
        stepNanoseconds.store(duration.nanoseconds, ordering: .relaxed)
        stepBeganNanoseconds.store(0, ordering: .relaxed)
    }

    /// Sleeps until there is something to do, a second at most.
    func rest() { _ = work.wait(timeout: .now() + .seconds(1)) }

    /// The changes that came since the last call; none costs one atomic exchange.
    func takeChanges() -> [(change: Change, done: DispatchSemaphore)] {
        guard hasPending.exchange(false, ordering: .acquiringAndReleasing) else { return [] }
        return pending.withLock { pending in
            defer { pending.changes.removeAll() }
            return pending.changes
        }
    }

    /// Gives back changes that have to wait for the end of a step; they come first at the next `takeChanges`.
    func putBack(_ changes: ArraySlice<(change: Change, done: DispatchSemaphore)>) {
        pending.withLock { $0.changes.insert(contentsOf: changes, at: 0) }
        hasPending.store(true, ordering: .releasing)
    }

    /// Whether a stream may have been ended since the last call.
    func takeEndings() -> Bool { hasEnding.exchange(false, ordering: .acquiringAndReleasing) }
    func putBackEndings() { hasEnding.store(true, ordering: .releasing) }

    /// The thread ends: releases every caller that waits for a change.
    func close() {
        let unmade = pending.withLock { pending in
            pending.isOver = true
            defer { pending.changes.removeAll() }
            return pending.changes
        }
        for (_, done) in unmade { done.signal() }
    }
}
