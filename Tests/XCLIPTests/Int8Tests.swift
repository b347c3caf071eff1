import CAllocationCount
import Frames
import Kernels
import Testing

@testable import XCLIP

/// Compares the rounding of steps in int8 with that of PyTorch's products in int8 (`int8_xclip.py`), and exact passes beside
/// them with the published model in floats.
///
/// Two computations of the same rounded products need not agree closely: a value near the middle of two steps goes one way or
/// the other by the last bits of a float, and every rounding after it differs. How far both move the logits is alike.
@Suite struct Int8Tests {
    let floats: Golden.Tensors
    let golden: Golden.Tensors
    let pixels: [UInt8]
    let labels: LabelEmbeddings
    let frames = 10

    /// Twice the most that rounding moves any logit of the golden files. Logits of different labels lie 2.6 apart.
    static let rounding: Float = 0.3

    init() throws {
        floats = try Golden.Tensors("cached")
        golden = try Golden.Tensors("int8")
        pixels = try Golden.bytes("cached", "pixels")
        labels = try Golden.textEncoder().encode(Golden.labels(), threads: 1)
    }

    private func row(_ name: String, _ index: Int, of file: Golden.Tensors) throws -> ArraySlice<Float> {
        let values = try file.floats(name, shape: [frames - 3, labels.count])
        return values[index * labels.count..<(index + 1) * labels.count]
    }

    private func stream(
        _ backend: KernelBackend = .best,
        keepsBlockZero: Bool = true,
        sweeps: Bool = false
    ) throws -> Stream {
        let model = try Golden.model(backend, precision: .int8)
        return Stream(model: model, labels: labels, keepsBlockZero: keepsBlockZero, sweeps: sweeps)
    }

    /// Checks the logits of each window against those in floats: rounding moves them, and no further than in PyTorch.
    private func expectRounding(of windows: [[Float]], _ name: String) throws {
        #expect(windows.count == frames - 3)
        var (ours, theirs): (Float, Float) = (0, 0)
        for (index, logits) in windows.enumerated() {
            let float = try row(name, index, of: floats)
            let rounded = try row(name, index, of: golden)
            #expect(distance(logits, float) < Self.rounding)
            for (label, logit) in logits.enumerated() {
                ours += abs(logit - float[float.startIndex + label])
                theirs += abs(rounded[rounded.startIndex + label] - float[float.startIndex + label])
            }
        }
        #expect(ours > 0.3 * theirs && ours < 2 * theirs, "on average \(ours / theirs) times as far as in PyTorch")
    }

    @Test(arguments: Golden.backends, [false, true])
    func stepsRoundAsPyTorchDoes(backend: KernelBackend, sweeps: Bool) throws {
        let stream = try stream(backend, keepsBlockZero: false, sweeps: sweeps)
        var windows: [[Float]] = []
        for frame in 0..<frames {
            stream.push(pixels, frame: frame, exact: false)
            if stream.memory.isFull { windows.append(stream.logits()) }
        }
        try expectRounding(of: windows, sweeps ? "swept_logits" : "cached_logits")
    }

    @Test func windowInInt8RoundsAsPyTorchDoes() throws {
        let stream = try stream()
        var windows: [[Float]] = []
        for frame in 0..<frames {
            stream.push(pixels, frame: frame, exact: true)
            stream.encoder.encodeWindow(of: stream.memory, .int8)
            if stream.memory.isFull { windows.append(stream.logits()) }
        }
        try expectRounding(of: windows, "exact_logits")
    }

    @Test func exactPassesAreThePublishedModelInFloats() throws {
        let stream = try stream()
        for frame in 0..<frames {
            stream.push(pixels, frame: frame, exact: true)
            stream.encoder.encodeWindow(of: stream.memory)
            guard stream.memory.isFull else { continue }
            #expect(distance(stream.logits(), try row("exact_logits", frame - 3, of: floats)) < 1e-4)
        }
    }

    /// Some frames were scored in int8 only; others have passed an exact pass before.
    @Test(arguments: [false, true]) func exactPassAfterStepsIsExact(sweeps: Bool) throws {
        let stream = try stream(sweeps: sweeps)
        for frame in 0..<frames {
            stream.push(pixels, frame: frame, exact: false)
            guard frame == 4 || frame == 6 || frame == 9 else { continue }
            #expect(distance(stream.logits(), try row("exact_logits", frame - 3, of: floats)) > 1e-3)
            stream.encoder.encodeWindow(of: stream.memory)
            #expect(distance(stream.logits(), try row("exact_logits", frame - 3, of: floats)) < 1e-4)
        }
    }

    /// Neither pass changes what the other starts from: a window's exact logits do not depend on the passes before.
    @Test(arguments: [false, true]) func passesInAnyOrderGiveTheSameWindows(sweeps: Bool) throws {
        let orders: [[Precision]] = [[.float32], [.int8, .float32], [.float32, .int8, .float32]]
        for order in orders {
            let stream = try stream(sweeps: sweeps)
            for frame in 0..<frames {
                stream.push(pixels, frame: frame, exact: false)
                guard frame >= 3, frame % 2 == 1 else { continue }
                for precision in order {
                    let wasDone = stream.memory.states.map { stream.memory.isBlockZeroDone(ofState: $0) }
                    stream.encoder.encodeWindow(of: stream.memory, precision)
                    let isDone = stream.memory.states.map { stream.memory.isBlockZeroDone(ofState: $0) }
                    #expect(precision == .int8 ? isDone == wasDone : isDone.allSatisfy(\.self))
                    let bound = precision == .int8 ? Self.rounding : 1e-4
                    #expect(distance(stream.logits(), try row("exact_logits", frame - 3, of: floats)) < bound)
                }
            }
        }
    }

    @Test func staticStreamGivesCachedEqualToTheWindow() throws {
        let (cached, whole) = (try stream(keepsBlockZero: false), try stream())
        for _ in 0..<7 { cached.push(pixels, frame: 4, exact: false) }
        for _ in 0..<7 { whole.push(pixels, frame: 4, exact: true) }
        whole.encoder.encodeWindow(of: whole.memory, .int8)
        #expect(distance(cached.logits(), whole.logits()) < Self.rounding)
    }

    @Test(arguments: Precision.allCases) func copiesEqualOneFrameWithTheirMultiplicity(precision: Precision) throws {
        let (merged, copied) = (try stream(), try stream())
        for (frame, ticks) in [(0, 1), (3, 2), (7, 1)] {
            merged.push(pixels, frame: frame, ticks: ticks, exact: true)
            for _ in 0..<ticks { copied.push(pixels, frame: frame, exact: true) }
        }
        #expect(merged.memory.distinctStates == 3 && copied.memory.distinctStates == 4)
        for stream in [merged, copied] { stream.encoder.encodeWindow(of: stream.memory, precision) }
        #expect(distance(merged.logits(), copied.logits()) < (precision == .int8 ? Self.rounding : 1e-5))
    }

    /// What an exact pass starts from depends on the frame alone, before that pass and after it.
    @Test func keptTokensAreIndependentOfOtherFrames() throws {
        let (first, second) = (try stream(), try stream())
        first.push(pixels, frame: 5, exact: true)
        for frame in 0..<6 { second.push(pixels, frame: frame, exact: false) }
        let (stateA, stateB) = (try #require(first.memory.states.last), try #require(second.memory.states.last))
        let a = try #require(first.memory.blockZero(ofState: stateA))
        let b = try #require(second.memory.blockZero(ofState: stateB))
        #expect(a.values == b.values)
        for stream in [first, second] { stream.encoder.encodeWindow(of: stream.memory) }
        #expect(first.memory.isBlockZeroDone(ofState: stateA) && second.memory.isBlockZeroDone(ofState: stateB))
        #expect(distance(a.values, b.values) < 1e-5)
    }

    /// A stream in floats of a model that others use in int8 computes what it computes with a model in floats, bit by bit.
    @Test(arguments: [false, true]) func streamInFloatsBesideOneInInt8IsThatOfFloats(sweeps: Bool) throws {
        let int8 = try stream(sweeps: sweeps)
        let beside = Stream(
            model: int8.model,
            labels: labels,
            precision: .float32,
            keepsBlockZero: true,
            sweeps: sweeps,
            encoder: int8.encoder
        )
        let alone = Stream(model: try Golden.model(), labels: labels, keepsBlockZero: true, sweeps: sweeps)
        for frame in 0..<frames {
            for stream in [int8, beside, alone] { stream.push(pixels, frame: frame, exact: false) }
            guard frame >= 3 else { continue }
            #expect(beside.logits() == alone.logits())
            #expect(distance(int8.logits(), alone.logits()) > 1e-3)
            guard frame == 6 else { continue }
            for stream in [int8, beside, alone] { stream.encoder.encodeWindow(of: stream.memory) }
            #expect(beside.logits() == alone.logits())
        }
    }

    enum Step: CaseIterable { case cached, sweep, window, exact }

    @Test(arguments: Step.allCases) func stepAllocatesNothingAfterWarmUp(_ kind: Step) throws {
        let stream = try stream(keepsBlockZero: true, sweeps: kind == .sweep)
        var sum: Float = 0
        func step(_ index: Int) {
            let isWhole = kind == .window || kind == .exact
            stream.push(pixels, frame: index % frames, exact: isWhole)
            if isWhole { stream.encoder.encodeWindow(of: stream.memory, kind == .window ? .int8 : .float32) }
            if stream.memory.isFull { sum += stream.scorer.logits(of: stream.memory)[0] }
        }
        for index in 0..<10 { step(index) }
        let before = allocation_count_of_thread()
        for index in 10..<60 { step(index) }
        #expect(allocation_count_of_thread() - before == 0)
        #expect(sum.isFinite)
    }

    /// Weights take a byte each beside those of the exact passes, which take as much as a model in floats.
    @Test func weightsAreKeptInBoth() throws {
        let (model, float) = (try Golden.model(precision: .int8), try Golden.model())
        #expect(float.exactByteCount == 0)
        #expect(model.exactByteCount > 0 && model.exactByteCount < float.visionByteCount)
        #expect(model.visionByteCount > float.visionByteCount)
    }

    /// What is computed in floats is read when it is first wanted, and not taken if the files have changed meanwhile.
    @Test func floatsCanBeReadLater() throws {
        struct Changed: Error {}
        let model = try XCLIPModel(directory: Golden.tiny, precision: .int8, hasFloats: false)
        #expect(!model.hasFloats && model.exactByteCount == 0)
        #expect(throws: Changed.self) {
            try model.readFloats(directory: Golden.tiny) { throw Changed() }
        }
        #expect(!model.hasFloats)
        let stream = Stream(model: model, labels: labels, keepsBlockZero: true)
        for index in 0..<4 { stream.push(pixels, frame: index, exact: false) }
        try model.readFloats(directory: Golden.tiny) {}
        stream.encoder.encodeWindow(of: stream.memory)
        let float = Stream(model: try Golden.model(), labels: labels, keepsBlockZero: true)
        for index in 0..<4 { float.push(pixels, frame: index, exact: true) }
        float.encoder.encodeWindow(of: float.memory)
        #expect(distance(stream.logits(), float.logits()) < 1e-5)
    }

    @Test func autoTakesInt8WhereTheProcessorHasInstructionsForIt() throws {
        let int8 = KernelBackend.allCases.filter { PrecisionChoice.auto.precision(on: $0) == .int8 }.map(\.description)
        #expect(Set(int8) == ["avx512-vnni", "avx-vnni", "neon-i8mm", "neon-dotprod"])
        for backend in KernelBackend.allCases {
            #expect(PrecisionChoice.int8.precision(on: backend) == .int8)
            #expect(PrecisionChoice.float32.precision(on: backend) == .float32)
        }
        let (model, float) = (try Golden.model(precision: .int8), try Golden.model())
        for choice in PrecisionChoice.allCases {
            #expect(model.offers(choice))
            #expect(float.offers(choice) == (choice.precision(on: float.backend) == .float32))
        }
    }
}
