import CAllocationCount
import Events
import Foundation
import Frames
import Synchronization
import System
import TestSupport
import Testing
import XCLIP

@testable import Recognition

/// The inference thread with streams of a tiny random model: what it does between the products of a step.
@Suite(.timeLimit(.minutes(5)), .ownThread) struct InferenceWorkerTests {
    /// What the worker reports, in order.
    private final class Output: RecognitionOutput {
        enum Report: Equatable {
            case transition(String, Transition.Kind)
            case decided(String)
        }

        private let reports = Mutex<[Report]>([])
        private let confirmations = Mutex<[Bool]>([])

        func transition(_ transition: Transition, label: Int, confirmed: Bool, of stream: StreamSpecification) {
            reports.withLock { $0.append(.transition(stream.name, transition.kind)) }
            confirmations.withLock { $0.append(confirmed) }
        }

        func decided(_ decision: Decision, of stream: StreamSpecification) {
            reports.withLock { $0.append(.decided(stream.name)) }
        }

        var all: [Report] { reports.withLock { $0 } }
        /// Whether each transition was confirmed.
        var confirmed: [Bool] { confirmations.withLock { $0 } }
        func count(_ report: Report) -> Int { all.filter { $0 == report }.count }
    }

    /// The allocations that the thread has made at each decision, without an allocation.
    private final class AllocationCounts: RecognitionOutput {
        private let counts = Mutex<[UInt64]>([])

        init(capacity: Int) { counts.withLock { $0.reserveCapacity(capacity) } }

        func transition(_ transition: Transition, label: Int, confirmed: Bool, of stream: StreamSpecification) {}

        func decided(_ decision: Decision, of stream: StreamSpecification) {
            counts.withLock { $0.append(allocation_count_of_thread()) }
        }

        var all: [UInt64] { counts.withLock { $0 } }
    }

    /// Acts once in the middle of a step, on the inference thread.
    private final class Gate: Sendable {
        private struct State {
            var action: (@Sendable () -> Void)?
            var skip = 0
            var calls = 0
        }

        private let state = Mutex(State())

        /// `action` is called at the `product`-th call from now on.
        func arm(atProduct product: Int, _ action: @escaping @Sendable () -> Void) {
            state.withLock { $0 = State(action: action, skip: product) }
        }

        /// Calls since it was armed.
        var calls: Int { state.withLock { $0.calls } }

        func pass() {
            let action: (@Sendable () -> Void)? = state.withLock { state in
                state.calls += 1
                guard state.calls > state.skip else { return nil }
                defer { state.action = nil }
                return state.action
            }
            action?()
        }
    }

    private struct Bench {
        let model: XCLIPModel
        let embeddings: LabelEmbeddings
        let output = Output()
        let gate = Gate()
        let worker: InferenceWorker

        init(precision: Precision = .float32) throws {
            let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ww-\(UUID().uuidString)")
                .path
            defer { try? FileManager.default.removeItem(atPath: directory) }
            try RandomCheckpoint.write(.tiny, to: directory, seed: 5)
            model = try XCLIPModel(directory: directory, precision: precision)
            embeddings = try TextEncoder(directory: directory).encode(Self.specification("a", .exact).texts, threads: 1)
            worker = InferenceWorker(model: model, threads: 1, output: output) { [gate] in gate.pass() }
            #expect(worker.start())
        }

        /// A stream whose one label's event is open for as long as it is watched.
        static func specification(_ name: String, _ reuse: ReuseLevel) -> StreamSpecification {
            let rules = EventRules(threshold: 0, release: 0, minDuration: .zero, hold: .zero, cooldown: .zero)
            var specification = StreamSpecification(
                name: name,
                labels: [.init(name: "any", text: "anything", rules: rules)],
                window: .seconds(8)
            )
            specification.reuse = reuse
            specification.gate = 0
            (specification.confirm, specification.audit) = (false, 0)
            return specification
        }

        func add(
            _ name: String,
            _ reuse: ReuseLevel,
            view: PictureView = .square,
            precision: PrecisionChoice? = nil,
            _ change: (inout StreamSpecification) -> Void = { _ in }
        ) -> InferenceWorker.Stream {
            var specification = Self.specification(name, reuse)
            specification.view = view
            specification.precision = precision
            change(&specification)
            let stream = InferenceWorker.Stream(
                specification: specification,
                embeddings: embeddings,
                pictureBytes: model.transform.byteCount * view.mostParts
            )
            worker.apply([.add(stream)])
            return stream
        }

        func publish(_ tick: Int, to stream: InferenceWorker.Stream, epoch: Int = 1) {
            let buffer = stream.ring.writeBuffer
            for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: index &* (tick + 3)) }
            let parts: PictureParts = stream.specification.view == .tiles ? .across(3) : .one
            let frame = SampledFrame(time: Double(tick), ticks: tick..<tick + 1, parts: parts)
            stream.ring.publish(frame, epoch: epoch, arrival: MonotonicTime.now)
            worker.wake()
        }

        /// Publishes pictures one by one until the window is full and decided on.
        func fill(_ stream: InferenceWorker.Stream) {
            for tick in 0..<model.configuration.frames {
                publish(tick, to: stream)
                while stream.statistics.frames.encoded <= tick { MonotonicTime.sleep(for: .milliseconds(1)) }
            }
            // The count of decisions rises before the output hears of one.
            while output.count(.decided(stream.specification.name)) == 0 { MonotonicTime.sleep(for: .milliseconds(1)) }
        }

        /// Publishes a picture and waits until it is decided on.
        ///
        /// - Returns: the products of its step, if the gate was closed.
        @discardableResult
        func step(_ tick: Int, of stream: InferenceWorker.Stream) -> Int {
            let decided = Output.Report.decided(stream.specification.name)
            let before = output.count(decided)
            gate.arm(atProduct: .max) {}
            publish(tick, to: stream)
            while output.count(decided) == before { MonotonicTime.sleep(for: .milliseconds(1)) }
            return gate.calls
        }
    }

    /// More tiles wait than fit into a batch: every stream gets its turn.
    @Test func manyTiledStreamsAllDecide() throws {
        let bench = try Bench()
        let views: [PictureView] = [.tiles, .square, .tiles, .tiles, .square, .tiles, .square]
        let streams = views.enumerated().map { bench.add("s\($0)", .cached, view: $1) }
        for tick in 0..<bench.model.configuration.frames {
            for stream in streams { bench.publish(tick, to: stream) }
            for stream in streams {
                while stream.statistics.frames.encoded < (tick + 1) * (stream.specification.view == .tiles ? 3 : 1) {
                    MonotonicTime.sleep(for: .milliseconds(1))
                }
            }
        }
        for stream in streams {
            while stream.statistics.decisions == 0 { MonotonicTime.sleep(for: .milliseconds(1)) }
        }
        bench.worker.stop()
        for index in streams.indices {
            #expect(bench.output.count(.transition("s\(index)", .started)) == 1)
            #expect(bench.output.count(.decided("s\(index)")) == 1)
        }
    }

    /// Pictures of streams in floats and in int8 wait together: no batch holds both, which the encoder would refuse.
    @Test(arguments: [ReuseLevel.sweep, .cached])
    func streamsOfTwoPrecisionsWaitTogether(reuse: ReuseLevel) throws {
        let bench = try Bench(precision: .int8)
        let choices: [PrecisionChoice?] = [.float32, .int8, nil, .float32]
        let streams = choices.enumerated().map { bench.add("s\($0)", reuse, precision: $1) }
        for stream in streams { bench.fill(stream) }
        let next = bench.model.configuration.frames
        bench.gate.arm(atProduct: 1) { for stream in streams.dropFirst() { bench.publish(next, to: stream) } }
        bench.publish(next, to: streams[0])
        for index in streams.indices {
            while bench.output.count(.decided("s\(index)")) < 2 { MonotonicTime.sleep(for: .milliseconds(1)) }
        }
        bench.worker.stop()
    }

    @Test func aModelWithoutInt8ComputesInFloats() throws {
        let (float, int8) = (try Bench(), try Bench(precision: .int8))
        for choice in [nil] + PrecisionChoice.allCases {
            var specification = Bench.specification("a", .cached)
            specification.precision = choice
            #expect(specification.precision(of: float.model) == .float32)
            let wanted = choice?.precision(on: int8.model.backend) ?? .int8
            #expect(specification.precision(of: int8.model) == wanted)
            // Nothing is reused, so that nothing is in int8.
            specification.reuse = .exact
            #expect(specification.precision(of: int8.model) == .float32)
        }
        for bench in [float, int8] { bench.worker.stop() }
    }

    /// From a picture in its ring to the scores, the events and the counts: of steps, of those that the published model confirms,
    /// and of those that are audited.
    @Test(arguments: [ReuseLevel.exact, .sweep, .cached], [0.0, 1.0])
    func aStepAllocatesNothing(reuse: ReuseLevel, audit: Double) throws {
        let bench = try Bench(precision: .int8)
        bench.worker.stop()
        var specification = Bench.specification("a", reuse)
        (specification.labels[0].rules.threshold, specification.labels[0].rules.release) = (0.45, 0.45)
        (specification.temperature, specification.confirm, specification.audit) = (1000, true, audit)
        let stream = InferenceWorker.Stream(
            specification: specification,
            embeddings: bench.embeddings,
            pictureBytes: bench.model.transform.byteCount,
            keepsDecisions: true
        )
        let (frames, decisions) = (bench.model.configuration.frames, 100)
        let output = AllocationCounts(capacity: decisions)
        let worker = InferenceWorker(model: bench.model, threads: 1, output: output)
        #expect(worker.start())
        worker.apply([.add(stream)])
        for tick in 0..<frames + decisions - 1 {
            bench.publish(tick, to: stream)
            worker.wake()
            while stream.statistics.frames.encoded <= tick { MonotonicTime.sleep(for: .milliseconds(1)) }
        }
        worker.stop()
        let counts = output.all
        #expect(counts.count == decisions)
        // Two are for warming up.
        #expect(counts.last == counts.dropFirst(2).first)
        guard reuse != .exact else { return }
        let checks = stream.statistics.checks
        #expect(audit == 0 ? checks.confirms.confirmed > 2 : checks.audited > 64)
    }

    @Test(arguments: [ReuseLevel.exact, .sweep, .cached])
    func aStopAbandonsTheStep(reuse: ReuseLevel) throws {
        let bench = try Bench()
        let stream = bench.add("a", reuse)
        bench.fill(stream)
        let decisions = bench.output.count(.decided("a"))
        #expect(bench.output.all.first == .transition("a", .started))
        let isReached = DispatchSemaphore(value: 0)
        bench.gate.arm(atProduct: 4) { [worker = bench.worker] in
            isReached.signal()
            while !worker.isStopping { MonotonicTime.sleep(for: .milliseconds(1)) }
        }
        bench.publish(bench.model.configuration.frames, to: stream)
        isReached.wait()
        let products = bench.gate.calls
        bench.worker.stop()
        // The product that was about to begin is the last: the step was not computed to its end.
        #expect(bench.gate.calls == products)
        #expect(bench.output.count(.decided("a")) == decisions)
        #expect(bench.output.all.last == .transition("a", .ended(.shutdown)))
    }

    /// One stream goes in the middle of a batch that holds another's picture, too.
    @Test func aStreamThatEndsWithinAStepDoesNotWaitForIt() throws {
        let bench = try Bench()
        let (gone, stays) = (bench.add("gone", .cached), bench.add("stays", .cached))
        bench.fill(gone)
        bench.fill(stays)
        let decisions = bench.output.count(.decided("stays"))
        bench.gate.arm(atProduct: 4) { [worker = bench.worker] in worker.end(gone, .sourceLost) }
        bench.publish(bench.model.configuration.frames, to: stays)
        while bench.output.count(.decided("stays")) == decisions { MonotonicTime.sleep(for: .milliseconds(1)) }
        let all = bench.output.all
        let ended = try #require(all.firstIndex(of: .transition("gone", .ended(.sourceLost))))
        let next = try #require(all.lastIndex(of: .decided("stays")))
        #expect(ended < next)
        bench.worker.stop()
    }

    /// A source is lost while its picture is computed beside another's. The next connection's windows are scored: nothing of
    /// the step that went on is left in them.
    @Test(arguments: [ReuseLevel.sweep, .cached])
    func aStreamThatEndedWithinABatchIsScoredAgain(reuse: ReuseLevel) throws {
        let bench = try Bench()
        let (gone, stays) = (bench.add("gone", reuse), bench.add("stays", reuse))
        bench.fill(gone)
        bench.fill(stays)
        let frames = bench.model.configuration.frames
        // The next picture takes the place of the second one, and the first of a new window takes that of the first.
        bench.step(frames, of: gone)
        let products = bench.step(frames, of: stays)
        let decisions = bench.output.count(.decided("stays"))
        // At the second product of one step the pictures of the next begin to wait. At its eighth, two pictures have passed
        // block 0 and are about to meet those before them.
        bench.gate.arm(atProduct: 1) {
            bench.publish(frames + 1, to: gone)
            bench.publish(frames + 2, to: stays)
            bench.gate.arm(atProduct: products - 2 + 7) { bench.worker.end(gone, .sourceLost) }
        }
        bench.publish(frames + 1, to: stays)
        while bench.output.count(.decided("stays")) < decisions + 2 { MonotonicTime.sleep(for: .milliseconds(1)) }
        #expect(bench.output.count(.transition("gone", .ended(.sourceLost))) == 1)
        #expect(bench.output.count(.decided("gone")) == 2)
        // The picture that was lost was encoded, too.
        for tick in 0..<frames {
            bench.publish(tick, to: gone, epoch: 2)
            while gone.statistics.frames.encoded < frames + 3 + tick { MonotonicTime.sleep(for: .milliseconds(1)) }
        }
        while gone.statistics.decisions < 3, gone.statistics.frames.undefined == 0 {
            MonotonicTime.sleep(for: .milliseconds(1))
        }
        bench.worker.stop()
        #expect(gone.statistics.decisions == 3 && gone.statistics.frames.undefined == 0)
    }

    /// It is of the source that is gone, and would begin events that nothing ends.
    @Test func aPictureThatWaitsWhenItsSourceIsLostIsDropped() throws {
        let bench = try Bench()
        let (gone, stays) = (bench.add("gone", .cached), bench.add("stays", .cached))
        bench.fill(gone)
        bench.fill(stays)
        let frames = bench.model.configuration.frames
        let decisions = bench.output.count(.decided("stays"))
        bench.gate.arm(atProduct: 1) {
            bench.publish(frames, to: gone)
            bench.worker.end(gone, .sourceLost)
        }
        bench.publish(frames, to: stays)
        while bench.output.count(.decided("stays")) == decisions { MonotonicTime.sleep(for: .milliseconds(1)) }
        bench.step(frames + 1, of: stays)
        bench.worker.stop()
        #expect(gone.ring.take() == nil && gone.ring.counts.discarded == 1)
        #expect(gone.statistics.frames.encoded == frames)
    }

    /// Streams of a costlier level come later in the same round. One that is removed meanwhile has no turn any more.
    @Test func aPictureThatWaitsWhenItsStreamIsRemovedBeginsNothing() throws {
        let bench = try Bench()
        let (stays, removed) = (bench.add("stays", .cached), bench.add("removed", .exact))
        bench.fill(stays)
        bench.fill(removed)
        let frames = bench.model.configuration.frames
        let decisions = bench.output.count(.decided("stays"))
        bench.gate.arm(atProduct: 1) { [worker = bench.worker] in
            bench.publish(frames, to: removed)
            _ = NamedThread.start("remove") { worker.apply([.remove(removed, .configChanged)]) }
            // Within this step the removal is there to be made.
            var changes = worker.takeChanges()
            while changes.isEmpty {
                MonotonicTime.sleep(for: .milliseconds(1))
                changes = worker.takeChanges()
            }
            worker.putBack(changes[...])
        }
        bench.publish(frames, to: stays)
        while bench.output.count(.decided("stays")) == decisions { MonotonicTime.sleep(for: .milliseconds(1)) }
        bench.step(frames + 1, of: stays)
        bench.worker.stop()
        let ofRemoved = bench.output.all.filter { report in
            switch report {
            case .transition(let name, _), .decided(let name): name == "removed"
            }
        }
        #expect(ofRemoved.last == .transition("removed", .ended(.configChanged)))
        #expect(ofRemoved.count(where: { $0 == .transition("removed", .started) }) == 1)
    }

    /// A stop comes while the published model is asked about a score near its threshold. What ends then ends with the score
    /// before, which nobody confirmed.
    @Test func anAbandonedPassConfirmsNothing() throws {
        let bench = try Bench()
        // Scores near 0.5: no drift takes them to a threshold of 0.
        let stream = bench.add("a", .cached) {
            $0.temperature = 1000
            $0.confirm = true
        }
        bench.fill(stream)
        let frames = bench.model.configuration.frames
        let products = bench.step(frames, of: stream)
        var rules = stream.specification.labels[0].rules
        (rules.threshold, rules.release) = (0.45, 0.45)
        bench.worker.apply([.replaceRules(stream, [rules])])
        let isReached = DispatchSemaphore(value: 0)
        bench.gate.arm(atProduct: products) { [worker = bench.worker] in
            isReached.signal()
            while !worker.isStopping { MonotonicTime.sleep(for: .milliseconds(1)) }
        }
        bench.publish(frames + 1, to: stream)
        isReached.wait()
        bench.worker.stop()
        #expect(bench.output.all.last == .transition("a", .ended(.shutdown)))
        #expect(bench.output.confirmed.count >= 2 && !bench.output.confirmed.contains(true))
    }

    @Test(arguments: [ReuseLevel.exact, .cached])
    func aStreamRemovedWithinItsOwnStepIsNotScored(reuse: ReuseLevel) throws {
        let bench = try Bench()
        let stream = bench.add("a", reuse)
        bench.fill(stream)
        let decisions = bench.output.count(.decided("a"))
        let (isReached, isRemoved) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        bench.gate.arm(atProduct: 4) { isReached.signal() }
        bench.publish(bench.model.configuration.frames, to: stream)
        isReached.wait()
        _ = NamedThread.start("remove") { [worker = bench.worker] in
            worker.apply([.remove(stream, .configChanged)])
            isRemoved.signal()
        }
        isRemoved.wait()
        #expect(bench.output.all.last == .transition("a", .ended(.configChanged)))
        #expect(bench.output.count(.decided("a")) <= decisions + 1)
        // The worker goes on: another stream is computed as before.
        bench.fill(bench.add("b", reuse))
        bench.worker.stop()
    }

    @Test func newRulesShowInTheSpecification() throws {
        let bench = try Bench()
        let stream = bench.add("a", .cached)
        bench.fill(stream)
        var rules = stream.specification.labels[0].rules
        rules.threshold = 0.5
        bench.worker.apply([.replaceRules(stream, [rules])])
        #expect(stream.specification.labels[0].rules.threshold == 0.5)
        bench.worker.stop()
        // One that has ended changes nothing, and nobody waits for it.
        bench.worker.apply([.remove(stream, .configChanged)])
        #expect(bench.output.count(.transition("a", .ended(.configChanged))) == 0)
    }

    @Test func aStepUnderWayCountsByItsTimeSoFar() throws {
        let bench = try Bench()
        let stream = bench.add("a", .cached)
        bench.fill(stream)
        let (isReached, mayGoOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        bench.gate.arm(atProduct: 4) {
            isReached.signal()
            mayGoOn.wait()
        }
        bench.publish(bench.model.configuration.frames, to: stream)
        isReached.wait()
        // It grows beyond that of the step before while this one waits.
        let last = bench.worker.stepDuration
        while bench.worker.stepDuration <= last { MonotonicTime.sleep(for: .milliseconds(1)) }
        mayGoOn.signal()
        bench.worker.stop()
    }
}
