import CAllocationCount
import Frames
import Kernels
import Testing

@testable import XCLIP

/// Compares `exact` and `cached` over a stream with the published model and with a banded causal mask in PyTorch.
@Suite struct ReuseTests {
    let golden: Golden.Tensors
    let pixels: [UInt8]
    let model: XCLIPModel
    let labels: LabelEmbeddings
    let frames = 10

    init() throws {
        golden = try Golden.Tensors("cached")
        pixels = try Golden.bytes("cached", "pixels")
        model = try Golden.model()
        labels = try Golden.textEncoder().encode(Golden.labels(), threads: 1)
    }

    private func row(_ name: String, _ index: Int) throws -> ArraySlice<Float> {
        let windows = frames - model.configuration.frames + 1
        let values = try golden.floats(name, shape: [windows, labels.count])
        return values[index * labels.count..<(index + 1) * labels.count]
    }

    @Test func cachedEqualsTheBandedCausalMask() throws {
        let stream = Stream(model: model, labels: labels, keepsBlockZero: false)
        let (patches, width) = (model.configuration.patches, model.configuration.embedding)
        let classes = try golden.floats("class_features", shape: [frames, width])
        let prompts = try golden.floats("prompt_patches", shape: [frames, patches, width])
        for frame in 0..<frames {
            stream.push(pixels, frame: frame, exact: false)
            let state = try #require(stream.memory.states.last)
            #expect(
                distance(Array(stream.memory.classFeatures[state]), classes[frame * width..<(frame + 1) * width]) < 5e-5
            )
            let patchValues = stream.memory.patchFeatures(ofState: state).values
            #expect(distance(patchValues, prompts[frame * patches * width..<(frame + 1) * patches * width]) < 5e-5)
            guard stream.memory.isFull else { continue }
            #expect(distance(stream.logits(), try row("cached_logits", frame - 3)) < 1e-4)
        }
    }

    @Test func exactEqualsThePublishedModelAtEveryStep() throws {
        let stream = Stream(model: model, labels: labels, keepsBlockZero: true)
        for frame in 0..<frames {
            stream.push(pixels, frame: frame, exact: true)
            stream.encoder.encodeWindow(of: stream.memory)
            guard stream.memory.isFull else { continue }
            #expect(distance(stream.logits(), try row("exact_logits", frame - 3)) < 1e-4)
        }
    }

    @Test func exactPassAfterCachedStepsGivesTheExactState() throws {
        let mixed = Stream(model: model, labels: labels, keepsBlockZero: true)
        for frame in 0..<6 { mixed.push(pixels, frame: frame, exact: false) }
        #expect(
            distance(mixed.logits(), try row("exact_logits", 2)) > 1e-3,
            "cached must differ here, or this proves nothing"
        )
        mixed.encoder.encodeWindow(of: mixed.memory)
        #expect(distance(mixed.logits(), try row("exact_logits", 2)) < 1e-4)

        let exact = Stream(model: model, labels: labels, keepsBlockZero: true)
        for frame in 2..<6 { exact.push(pixels, frame: frame, exact: true) }
        exact.encoder.encodeWindow(of: exact.memory)
        for layer in 1..<model.configuration.vision.layers {
            for position in 0..<4 {
                let ours = mixed.memory.messages(inBlock: layer)[mixed.memory.states[position]]
                let theirs = exact.memory.messages(inBlock: layer)[exact.memory.states[position]]
                #expect(distance(Array(ours), Array(theirs)) < 1e-5)
            }
        }
    }

    @Test func staticStreamGivesCachedEqualToExact() throws {
        let cached = Stream(model: model, labels: labels, keepsBlockZero: false)
        let exact = Stream(model: model, labels: labels, keepsBlockZero: true)
        for _ in 0..<7 { cached.push(pixels, frame: 4, exact: false) }
        for _ in 0..<7 { exact.push(pixels, frame: 4, exact: true) }
        exact.encoder.encodeWindow(of: exact.memory)
        #expect(distance(cached.logits(), exact.logits()) < 1e-5)
    }

    /// m copies of a frame equal one frame with +log m on its attention logit.
    @Test func copiesEqualOneFrameWithTheirMultiplicity() throws {
        let merged = Stream(model: model, labels: labels, keepsBlockZero: true)
        let copied = Stream(model: model, labels: labels, keepsBlockZero: true)
        for (frame, ticks) in [(0, 1), (3, 2), (7, 1)] {
            merged.push(pixels, frame: frame, ticks: ticks, exact: true)
            for _ in 0..<ticks { copied.push(pixels, frame: frame, exact: true) }
        }
        #expect(merged.memory.distinctStates == 3 && copied.memory.distinctStates == 4)
        merged.encoder.encodeWindow(of: merged.memory)
        copied.encoder.encodeWindow(of: copied.memory)
        #expect(distance(merged.logits(), copied.logits()) < 1e-5)
    }

    @Test func blockZeroIsIndependentOfOtherFrames() throws {
        let first = Stream(model: model, labels: labels, keepsBlockZero: true)
        let second = Stream(model: model, labels: labels, keepsBlockZero: true)
        first.push(pixels, frame: 5, exact: true)
        for frame in 0..<6 { second.push(pixels, frame: frame, exact: false) }
        let (stateA, stateB) = (try #require(first.memory.states.last), try #require(second.memory.states.last))
        let a = try #require(first.memory.blockZero(ofState: stateA))
        let b = try #require(second.memory.blockZero(ofState: stateB))
        #expect(a.values == b.values)
    }

    @Test func holdingNeverCompressesTheWindow() throws {
        let held = Stream(model: model, labels: labels, keepsBlockZero: true)
        for frame in 0..<4 { held.push(pixels, frame: frame, exact: true) }
        held.memory.hold(ticks: 2)
        #expect(held.memory.states.count == 4)
        #expect(held.memory.times == [2, 3, 3, 3])
        held.memory.hold(ticks: 100)
        #expect(held.memory.times == [3, 3, 3, 3])
        #expect(held.memory.distinctStates == 1)
        held.memory.clear()
        #expect(!held.memory.isFull && held.memory.distinctStates == 0)
    }

    /// A state without a frame has no weight, but what is no number would stay so at any weight.
    @Test(arguments: [false, true]) func erasedMemoryHoldsNothingThatIsNoNumber(sweeps: Bool) throws {
        let used = Stream(model: model, labels: labels, keepsBlockZero: false, sweeps: sweeps)
        for frame in 0..<7 { used.push(pixels, frame: frame, exact: false) }
        for layer in 1..<model.configuration.vision.layers {
            used.memory.messages(inBlock: layer).fill(.nan)
            used.memory.tokens(inBlock: layer).fill(.nan)
        }
        used.memory.classTokensAfterBlockZero?.fill(.nan)
        used.memory.erase()
        #expect(used.memory.times.isEmpty)
        let fresh = Stream(model: model, labels: labels, keepsBlockZero: false, sweeps: sweeps)
        for stream in [used, fresh] { for frame in 3..<7 { stream.push(pixels, frame: frame, exact: false) } }
        #expect(distance(used.logits(), fresh.logits()) < 1e-5)
    }

    @Test func framesOfSeveralStreamsInOneBatchEqualEachAlone() throws {
        let team = model.makeTeam(threads: 2)
        let encoder = FrameEncoder(model: model, team: team, batch: 2)
        let memories = (0..<2).map { _ in FrameMemory(model: model, keepsBlockZero: false) }
        let scorer = WindowScorer(model: model, labels: labels, team: team)
        let bytes = model.transform.byteCount
        for step in 0..<5 {
            pixels.withUnsafeBufferPointer { pixels in
                guard let base = pixels.baseAddress else { return }
                var batch = FrameBatch(capacity: 2)
                batch.add(base + step * bytes, time: Double(step), ticks: 1, to: memories[0])
                batch.add(base + (9 - step) * bytes, time: Double(step), ticks: 1, to: memories[1])
                encoder.encode(batch, .cached)
            }
        }
        let forwards = Stream(model: model, labels: labels, keepsBlockZero: false)
        let backwards = Stream(model: model, labels: labels, keepsBlockZero: false)
        for step in 0..<5 {
            forwards.push(pixels, frame: step, exact: false)
            backwards.push(pixels, frame: 9 - step, exact: false)
        }
        #expect(distance(Array(scorer.logits(of: memories[0])), forwards.logits()) < 1e-5)
        #expect(distance(Array(scorer.logits(of: memories[1])), backwards.logits()) < 1e-5)
    }

    /// A frame that reaches only itself is encoded like a clip of that frame, whatever came before it.
    @Test func frameThatReachesItselfOnlyHasNoPast() throws {
        let team = model.makeTeam(threads: 1)
        let encoder = FrameEncoder(model: model, team: team, batch: 1)
        func classFeatures(of last: Int, after first: [Int], reach: FrameMemory.Reach) -> [Float] {
            let memory = FrameMemory(model: model, keepsBlockZero: false, reach: reach)
            pixels.withUnsafeBufferPointer { pixels in
                guard let base = pixels.baseAddress else { return }
                for frame in first + [last] {
                    let picture = base + frame * model.transform.byteCount
                    encoder.encode(.cached) { $0.add(picture, time: Double(frame), ticks: 1, to: memory) }
                }
            }
            return memory.states.last.map { Array(memory.classFeatures[$0]) } ?? []
        }
        let alone = classFeatures(of: 5, after: [], reach: .window)
        #expect(classFeatures(of: 5, after: [0, 1, 2, 3, 4], reach: .itself) == alone)
        #expect(distance(classFeatures(of: 5, after: [0, 1, 2, 3, 4], reach: .window), alone) > 1e-4)
    }

    @Test(arguments: [false, true]) func stepAllocatesNothingAfterWarmUp(exact: Bool) throws {
        let stream = Stream(model: model, labels: labels, keepsBlockZero: exact)
        var sum: Float = 0
        func step(_ index: Int) {
            stream.push(pixels, frame: index % frames, exact: exact)
            if exact { stream.encoder.encodeWindow(of: stream.memory) }
            if stream.memory.isFull { sum += stream.scorer.logits(of: stream.memory)[0] }
        }
        for index in 0..<10 { step(index) }
        let before = allocation_count_of_thread()
        for index in 10..<60 { step(index) }
        let after = allocation_count_of_thread()
        #expect(after - before == 0)
        #expect(sum.isFinite)
        // This shows that the counter works: an array needs at least one allocation.
        let array = [Float](repeating: sum, count: Int(sum.magnitude) + 100)
        #expect(allocation_count_of_thread() > after && !array.isEmpty)
    }
}
