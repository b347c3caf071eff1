import Events
import Foundation
import Frames
import Testing
import XCLIP

@testable import Recognition
@testable import System

/// A stream's window, with a tiny model of random weights: what is encoded, merged, held and refreshed.
@Suite struct WindowSessionTests {
    private static let directory: Result<String, any Error> = Result {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("ww-tiny-\(UUID().uuidString)").path
        try RandomCheckpoint.write(.tiny, to: path, seed: 5)
        return path
    }

    private struct Bench {
        let model: XCLIPModel
        let encoder: FrameEncoder
        let session: WindowSession

        init(precision: Precision = .float32, _ change: (inout StreamSpecification) -> Void = { _ in }) throws {
            let directory = try WindowSessionTests.directory.get()
            let rules = EventRules(threshold: 0.6, release: 0.4, minDuration: .zero, hold: .zero, cooldown: .zero)
            var specification = StreamSpecification(
                name: "s",
                labels: [.init(name: "a", text: "a dog", rules: rules), .init(name: "b", text: "a cat", rules: rules)],
                window: .seconds(8)
            )
            change(&specification)
            model = try XCLIPModel(directory: directory, precision: precision)
            let embeddings = try TextEncoder(directory: directory).encode(specification.texts, threads: 1)
            encoder = FrameEncoder(model: model, team: model.makeTeam(threads: 1), batch: 1)
            session = WindowSession(specification: specification, embeddings: embeddings, encoder: encoder)
        }

        /// Passes one picture through the session. Returns the logits if it decided.
        @discardableResult
        func step(_ picture: [UInt8], tick: Int) -> [Float]? {
            picture.withUnsafeBufferPointer { picture in
                guard let base = picture.baseAddress else { return }
                let frame = SampledFrame(time: Double(tick), ticks: tick..<tick + 1)
                encoder.encode(session.specification.reuse) { session.offer(frame, pixels: base, into: &$0) }
            }
            return session.decide() ? session.logits : nil
        }
    }

    private func picture(_ seed: UInt64) -> [UInt8] {
        var state = seed &* 77
        return (0..<64 * 64 * 3).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(state >> 56)
        }
    }

    /// NaN, which no bound admits, if one is no number.
    private func distance(_ a: [Float]?, _ b: [Float]?) -> Float {
        guard let a, let b, a.count == b.count else { return .infinity }
        return zip(a, b).map { abs($0 - $1) }.reduce(0) { $0.isNaN || $1 <= $0 ? $0 : $1 }
    }

    /// What the window's frames left behind may hold the fault: it is forgotten, and the next full window is scored anew.
    @Test func scoresThatAreNoNumbersDecideNothing() throws {
        let bench = try Bench { $0.temperature = .nan }
        for tick in 0..<7 { #expect(bench.step(picture(UInt64(tick)), tick: tick) == nil) }
        #expect(bench.session.counts.undefined == 0 && bench.session.counts.complaint == nil)
        #expect(bench.step(picture(7), tick: 7) == nil)
        #expect(bench.session.counts.undefined == 1)
        #expect(bench.session.counts.complaint?.contains("1 windows are no numbers") == true)
        #expect(bench.session.frameTimes.isEmpty)
        for tick in 8..<16 { #expect(bench.step(picture(UInt64(tick)), tick: tick) == nil) }
        #expect(bench.session.counts.undefined == 2)
    }

    @Test func decidesFromTheFirstFullWindowOnAtEachHop() throws {
        let bench = try Bench { $0.hop = 3 }
        let decided = (0..<20).filter { bench.step(picture(UInt64($0)), tick: $0) != nil }
        #expect(decided == [7, 10, 13, 16, 19])
    }

    /// A held picture has more weight at each tick, and the class tokens are swept again with those weights.
    @Test func heldWindowIsSweptWithItsNewWeights() throws {
        let bench = try Bench {
            $0.reuse = .sweep
            $0.gate = 1
        }
        let memory = FrameMemory(model: bench.model, keepsBlockZero: false, keepsTokens: true)
        for tick in 0..<7 {
            let picture = picture(UInt64(tick))
            bench.step(picture, tick: tick)
            encode(picture, tick: tick, into: memory, of: bench)
        }
        let decided = bench.step(picture(6), tick: 7)
        #expect(bench.session.counts.gated == 1)
        memory.hold(ticks: 1)
        let unswept = try score(memory, of: bench)
        bench.encoder.sweepWindow(of: memory)
        #expect(distance(decided, try score(memory, of: bench)) == 0)
        #expect(distance(decided, unswept) > 1e-4)
    }

    /// A still scene that is encoded again at the refresh has not changed, so its frames' weights do not matter.
    @Test func stillSceneIsNotSweptAgain() throws {
        let bench = try Bench {
            $0.reuse = .sweep
            $0.gate = 2
            $0.gateRefresh = .seconds(10)
        }
        func still(_ tick: Int) -> [UInt8] {
            var picture = picture(3)
            picture[tick] ^= 1
            return picture
        }
        let memory = FrameMemory(model: bench.model, keepsBlockZero: false, keepsTokens: true)
        encode(still(0), tick: 0, into: memory, of: bench)
        for tick in 0..<10 { bench.step(still(tick), tick: tick) }
        memory.hold(ticks: 9)
        bench.step(still(10), tick: 10)
        encode(still(10), tick: 10, into: memory, of: bench)
        #expect(bench.session.counts.encoded == 2)
        let decided = bench.step(still(11), tick: 11)
        memory.hold(ticks: 1)
        #expect(distance(decided, try score(memory, of: bench)) == 0)
        // Another scene matters again, even if the next frame is held because a picture is missing.
        bench.step(picture(4), tick: 12)
        let filled = bench.step(picture(4), tick: 15)
        encode(picture(4), tick: 12, into: memory, of: bench)
        memory.hold(ticks: 3)
        let unswept = try score(memory, of: bench)
        bench.encoder.sweepWindow(of: memory)
        #expect(distance(filled, try score(memory, of: bench)) == 0)
        #expect(distance(filled, unswept) > 1e-4)
    }

    private func encode(_ picture: [UInt8], tick: Int, into memory: FrameMemory, of bench: Bench) {
        picture.withUnsafeBufferPointer { picture in
            guard let base = picture.baseAddress else { return }
            bench.encoder.encode(.sweep) { $0.add(base, time: Double(tick), ticks: 1, to: memory) }
        }
    }

    private func score(_ memory: FrameMemory, of bench: Bench) throws -> [Float] {
        let embeddings = try TextEncoder(directory: WindowSessionTests.directory.get())
            .encode(bench.session.specification.texts, threads: 1)
        let scorer = WindowScorer(model: bench.model, labels: embeddings, team: bench.encoder.team)
        return Array(scorer.logits(of: memory))
    }

    @Test func missingTicksAreFilledAndNeverCompressTheWindow() throws {
        let bench = try Bench()
        for tick in 0..<8 { bench.step(picture(UInt64(tick)), tick: tick) }
        bench.step(picture(50), tick: 11)
        #expect(bench.session.frameTimes == [4, 5, 6, 7, 7, 7, 7, 11])
    }

    /// `exact` merges equal pictures and computes only the distinct ones, with the same logits.
    @Test func exactEncodesEqualPicturesOnce() throws {
        let order: [UInt64] = [1, 1, 2, 2, 2, 3, 4, 4, 4, 5]
        let merged = try Bench { $0.reuse = .exact }
        var last: [Float]?
        for (tick, seed) in order.enumerated() { last = merged.step(picture(seed), tick: tick) }
        #expect(merged.session.counts.encoded == 5)
        #expect(merged.session.counts.gated == 5)
        // The same window from pictures that differ by one level in one byte: nothing is merged.
        let apart = try Bench { $0.reuse = .exact }
        var other: [Float]?
        for (tick, seed) in order.enumerated() {
            var picture = picture(seed)
            picture[tick] = picture[tick] ^ 1
            other = apart.step(picture, tick: tick)
        }
        #expect(apart.session.counts.encoded == 10)
        #expect(distance(last, other) < 0.05)
    }

    @Test func stillGatedStreamIsEncodedOnceAndKeepsItsScores() throws {
        let bench = try Bench { $0.gate = 2 }
        var logits: [[Float]] = []
        for tick in 0..<20 {
            var still = picture(3)
            still[tick] = still[tick] ^ 1
            if let decision = bench.step(still, tick: tick) { logits.append(decision) }
        }
        #expect(bench.session.counts.encoded == 1)
        #expect(logits.count == 13)
        #expect(logits.allSatisfy { $0 == logits[0] })
    }

    @Test func exactPassReplacesTheCachedScores() throws {
        let cached = try Bench { $0.audit = 1 }
        let exact = try Bench { $0.reuse = .exact }
        var truth: [Float]?
        for tick in 0..<12 {
            cached.step(picture(UInt64(tick)), tick: tick)
            truth = exact.step(picture(UInt64(tick)), tick: tick)
        }
        #expect(!cached.session.isExact)
        #expect(distance(cached.session.logits, truth) > 1e-3)
        #expect(cached.session.decideExactly())
        #expect(cached.session.isExact)
        #expect(distance(cached.session.logits, truth) < 1e-4)
    }

    @Test func afterACutTheWindowIsExactWhenItShowsOnlyTheNewScene() throws {
        let bench = try Bench {
            $0.gate = 0.5
            $0.confirm = true
        }
        let dark = [UInt8](repeating: 20, count: 64 * 64 * 3)
        func scene(_ base: UInt8, _ tick: Int) -> [UInt8] {
            var picture = dark.map { $0 &+ base }
            for index in 0..<3000 { picture[index] = UInt8(truncatingIfNeeded: index &* (tick + 3)) }
            return picture
        }
        var exactAt: [Int] = []
        for tick in 0..<30 {
            let decided = bench.step(scene(tick < 12 ? 0 : 200, tick), tick: tick) != nil
            if decided && bench.session.isExact { exactAt.append(tick) }
        }
        #expect(exactAt == [19])
    }

    /// The new scene's first state was encoded beside those of the old scene. It must not keep that past for ever.
    @Test func cutIntoAStillSceneEndsInTheExactState() throws {
        let cached = try Bench {
            $0.gate = 2
            $0.confirm = true
        }
        let exact = try Bench { $0.reuse = .exact }
        let still = picture(200).map { 100 + $0 / 4 }
        for tick in 0..<20 {
            let shown = tick < 10 ? picture(UInt64(tick)).map { $0 / 8 } : still
            cached.step(shown, tick: tick)
            exact.step(shown, tick: tick)
        }
        #expect(cached.session.isExact)
        #expect(distance(cached.session.logits, exact.session.logits) < 1e-4)
    }

    /// Where steps are in int8, the pass after a cut is in int8 too. Two windows that differ only in the scene before the cut score
    /// alike after it.
    @Test func passAfterACutInInt8HoldsNothingOfTheSceneBefore() throws {
        let benches = try (0..<2).map { _ in
            try Bench(precision: .int8) {
                $0.gate = 2
                $0.confirm = true
            }
        }
        let still = picture(200).map { 100 + $0 / 4 }
        for tick in 0..<20 {
            for (index, bench) in benches.enumerated() {
                let before = picture(UInt64(50 * index + tick)).map { index == 0 ? $0 / 8 : 255 - $0 / 2 }
                bench.step(tick < 10 ? before : still, tick: tick)
            }
            if tick == 16 { #expect(benches[0].session.logits != benches[1].session.logits) }
        }
        #expect(benches[0].session.logits == benches[1].session.logits)
        for bench in benches {
            #expect(bench.session.exactPass == .int8 && !bench.session.isExact)
            #expect(bench.session.counts.int8Passes == 1 && bench.session.counts.exactPasses == 0)
            #expect(bench.session.decideExactly() && bench.session.isExact)
            #expect(bench.session.counts.exactPasses == 1)
        }
        let exact = try Bench { $0.reuse = .exact }
        for tick in 0..<8 { exact.step(still, tick: tick) }
        #expect(distance(benches[0].session.logits, exact.session.logits) < 1e-3)
    }

    @Test func clearForgetsTheWindow() throws {
        let bench = try Bench()
        for tick in 0..<9 { bench.step(picture(UInt64(tick)), tick: tick) }
        bench.session.clear()
        #expect(bench.session.frameTimes.isEmpty)
        #expect(bench.step(picture(3), tick: 100) == nil)
    }
}
