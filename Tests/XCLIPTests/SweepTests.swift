import CAllocationCount
import Frames
import Testing

@testable import XCLIP

/// Compares the class-path sweep over a stream with frame-by-frame PyTorch and with the exact pass.
@Suite struct SweepTests {
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

    private func sweeping(keepsBlockZero: Bool = false) -> Stream {
        Stream(model: model, labels: labels, keepsBlockZero: keepsBlockZero, sweeps: true)
    }

    @Test(arguments: [false, true]) func sweptEqualsItsReferenceAtEveryStep(keepsBlockZero: Bool) throws {
        let stream = sweeping(keepsBlockZero: keepsBlockZero)
        for frame in 0..<frames {
            stream.push(pixels, frame: frame, exact: false)
            guard stream.memory.isFull else { continue }
            #expect(distance(stream.logits(), try row("swept_logits", frame - 3)) < 1e-4)
        }
    }

    @Test func exactPassAfterSweepsGivesTheExactState() throws {
        let mixed = sweeping(keepsBlockZero: true)
        for frame in 0..<6 { mixed.push(pixels, frame: frame, exact: false) }
        #expect(
            distance(mixed.logits(), try row("exact_logits", 2)) > 1e-3,
            "a sweep must differ, or this proves nothing"
        )
        mixed.encoder.encodeWindow(of: mixed.memory)
        #expect(distance(mixed.logits(), try row("exact_logits", 2)) < 1e-4)

        let exact = sweeping(keepsBlockZero: true)
        for frame in 2..<6 { exact.push(pixels, frame: frame, exact: true) }
        exact.encoder.encodeWindow(of: exact.memory)
        for layer in 1..<model.configuration.vision.layers {
            for position in 0..<4 {
                let ours = mixed.memory.tokens(inBlock: layer, ofState: mixed.memory.states[position])
                let theirs = exact.memory.tokens(inBlock: layer, ofState: exact.memory.states[position])
                #expect(distance(ours.values, theirs.values) < 1e-5)
            }
        }
        // From equal states both continue identically.
        for stream in [mixed, exact] { stream.push(pixels, frame: 6, exact: false) }
        #expect(distance(mixed.logits(), exact.logits()) < 1e-5)
    }

    @Test func staticStreamGivesSweptEqualToExact() throws {
        let swept = sweeping()
        let exact = Stream(model: model, labels: labels, keepsBlockZero: true)
        for _ in 0..<7 { swept.push(pixels, frame: 4, exact: false) }
        for _ in 0..<7 { exact.push(pixels, frame: 4, exact: true) }
        exact.encoder.encodeWindow(of: exact.memory)
        #expect(distance(swept.logits(), exact.logits()) < 1e-5)
    }

    /// A frame held for several ticks has the same weight in the messages as that many copies.
    @Test func heldFrameHasTheWeightOfItsMultiplicity() throws {
        let held = sweeping()
        let copied = sweeping()
        for (frame, ticks) in [(0, 2), (3, 1), (7, 1)] {
            held.push(pixels, frame: frame, ticks: ticks, exact: false)
        }
        // The first two positions are one picture without a past: both copies have the same states.
        for frame in [0, 0, 3, 7] { copied.push(pixels, frame: frame, exact: false) }
        #expect(held.memory.distinctStates == 3 && copied.memory.distinctStates == 4)
        #expect(distance(held.logits(), copied.logits()) < 1e-5)
    }

    /// If the newest frame is held longer, only the class tokens are swept.
    @Test func sweepWithoutANewFrameAppliesTheNewWeights() throws {
        let held = sweeping(keepsBlockZero: true)
        for frame in [0, 3, 7] { held.push(pixels, frame: frame, exact: false) }
        held.memory.hold(ticks: 1)
        let expected = try golden.floats("held_logits", shape: [1, labels.count])
        #expect(distance(held.logits(), expected) > 1e-3)
        held.encoder.sweepWindow(of: held.memory)
        #expect(distance(held.logits(), expected) < 1e-4)
        // From exact states the sweep gives exact states.
        held.encoder.encodeWindow(of: held.memory)
        let exact = held.logits()
        held.encoder.sweepWindow(of: held.memory)
        #expect(distance(held.logits(), exact) < 1e-5)
    }

    @Test func streamsInOneBatchEqualEachAlone() throws {
        let team = model.makeTeam(threads: 2)
        // More than fit through a block together.
        let count = 20
        #expect(ClassPathSweep(model: model, team: team, streams: count).step < count)
        let encoder = FrameEncoder(model: model, team: team, batch: count)
        let memories = (0..<count).map { _ in FrameMemory(model: model, keepsBlockZero: false, keepsTokens: true) }
        let scorer = WindowScorer(model: model, labels: labels, team: team)
        let bytes = model.transform.byteCount
        for step in 0..<5 {
            pixels.withUnsafeBufferPointer { pixels in
                guard let base = pixels.baseAddress else { return }
                var batch = FrameBatch(capacity: count)
                for (index, memory) in memories.enumerated() {
                    let frame = (step * (index + 1) + index) % frames
                    batch.add(base + frame * bytes, time: Double(step), ticks: 1, to: memory)
                }
                encoder.encode(batch, .sweep)
            }
        }
        for index in 0..<count {
            let alone = sweeping()
            for step in 0..<5 { alone.push(pixels, frame: (step * (index + 1) + index) % frames, exact: false) }
            #expect(distance(Array(scorer.logits(of: memories[index])), alone.logits()) < 1e-5)
        }
    }

    @Test func clearedMemoryRemembersNothing() throws {
        let used = sweeping()
        for frame in 0..<7 { used.push(pixels, frame: frame, exact: false) }
        used.memory.clear()
        let fresh = sweeping()
        for stream in [used, fresh] { for frame in 3..<7 { stream.push(pixels, frame: frame, exact: false) } }
        #expect(distance(used.logits(), fresh.logits()) < 1e-5)
    }

    @Test func sweepAllocatesNothingAfterWarmUp() throws {
        let stream = sweeping()
        var sum: Float = 0
        func step(_ index: Int) {
            stream.push(pixels, frame: index % frames, exact: false)
            if stream.memory.isFull { sum += stream.scorer.logits(of: stream.memory)[0] }
        }
        for index in 0..<10 { step(index) }
        let before = allocation_count_of_thread()
        for index in 10..<60 { step(index) }
        let after = allocation_count_of_thread()
        #expect(after - before == 0)
        #expect(sum.isFinite)
    }
}
