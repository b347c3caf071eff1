import Foundation
import Frames
import Kernels
import Models
import System
package import XCLIP

/// How fast this machine runs a model, measured by `bench` with synthetic pictures.
///
/// Measurements are taken in turn, round after round, so that a machine whose speed drifts is fair to all of them, and
/// the multiply-add peak is taken in the same rounds.
package struct SpeedTrial {
    package struct Options: Sendable {
        package var model: String
        /// Of a window; nil for as many as the model was trained for.
        package var frames: Int?
        /// How `sweep` and `cached` are computed.
        package var precision = PrecisionChoice.auto
        package var labels = 16
        package var threads = inferenceThreads()
        package var rounds = 5
        /// One of `backends`: as a processor with these instructions would compute. Nil for the fastest.
        package var backend: String?
        /// Streams in one batch to try.
        package var batches = [1, 2, 4, 8]
        package var measuresExact = true

        package init(model: String) { self.model = model }
    }

    package struct Report: Sendable {
        package let model: String
        package let frames: Int
        package let threads: Int
        package let backend: String
        package let precision: Precision
        /// FLOP/s
        package let peak: Double
        /// Milliseconds of each `exact` step, in floats, of a window whose frames all differ.
        package let exact: Samples
        /// The same in int8; nil for a model in floats.
        package let exactInt8: Samples?
        /// Milliseconds of each `sweep` step of one stream.
        package let sweep: Samples
        /// Milliseconds of each `cached` step, by streams in a batch.
        package let cached: [(streams: Int, step: Samples)]
        /// Of the arithmetic done, the part of the peak in floats, which int8 may exceed.
        package let exactShare: Double
        package let sweptShare: Double
        package let cachedShare: Double
        package let weightBytes: Int
        /// Of these, bytes of the floats that only exact passes read beside weights in int8.
        package let exactWeightBytes: Int
        package let memoryBytesPerStream: Int
        package let sweepBytesPerStream: Int
        /// Of this process without what `sweep` keeps.
        package let residentBytes: Int

        /// Frames a second that all streams together may sample, in the best batch.
        package var framesPerSecond: Double {
            cached.map { Double($0.streams) * 1000 / $0.step.median }.max() ?? 0
        }
    }

    /// Times in milliseconds.
    package struct Samples: Sendable {
        package private(set) var values: [Double] = []

        mutating func add(_ value: Double) { values.append(value) }

        package func quantile(_ share: Double) -> Double {
            let sorted = values.sorted()
            guard !sorted.isEmpty else { return .nan }
            return sorted[min(sorted.count - 1, Int((Double(sorted.count - 1) * share).rounded()))]
        }

        package var median: Double { quantile(0.5) }
        package var p95: Double { quantile(0.95) }
    }

    /// The backends of this processor, from the newest instructions to the oldest.
    package static var backends: [String] { KernelBackend.allCases.filter(\.isAvailable).map(\.description) }

    private let options: Options

    package init(_ options: Options) { self.options = options }

    /// `progress` gets the round that begins.
    package func run(progress: (Int) -> Void = { _ in }) throws -> Report {
        let loaded = try LoadedModel.load(
            options.model,
            frames: options.frames,
            precision: options.precision,
            backend: options.backend.flatMap(KernelBackend.init) ?? .best
        )
        let model = loaded.model
        let texts = (1...max(1, options.labels)).map { "label number \($0)" }
        let embeddings = try loaded.embeddings(of: [texts], threads: options.threads)[0]
        let team = model.makeTeam(threads: options.threads)
        let encoder = FrameEncoder(model: model, team: team, batch: options.batches.max() ?? 1)
        let scorer = WindowScorer(model: model, labels: embeddings, team: team)
        let pictures = Pictures(byteCount: model.transform.byteCount)
        let frames = model.configuration.frames
        let exactMemory = FrameMemory(model: model, keepsBlockZero: options.measuresExact)
        let memories = (0..<(options.batches.max() ?? 1)).map { _ in FrameMemory(model: model, keepsBlockZero: false) }
        var batch = FrameBatch(capacity: memories.count)

        func exactStep(_ precision: Precision = .float32) {
            encoder.encode(.exact) { $0.add(pictures.next(), time: 0, ticks: 1, to: exactMemory) }
            guard exactMemory.isFull else { return }
            encoder.encodeWindow(of: exactMemory, precision)
            _ = scorer.logits(of: exactMemory)
        }
        for _ in 0..<frames { cachedStep(memories.count) }
        if options.measuresExact { for _ in 0..<frames { exactStep() } }
        let residentBytes = Self.residentBytes()
        let sweptMemory = FrameMemory(model: model, keepsBlockZero: false, keepsTokens: true)
        func sweptStep() {
            encoder.encode(.sweep) { $0.add(pictures.next(), time: 0, ticks: 1, to: sweptMemory) }
            if sweptMemory.isFull { _ = scorer.logits(of: sweptMemory) }
        }
        func cachedStep(_ streams: Int) {
            for memory in memories.prefix(streams) { batch.add(pictures.next(), time: 0, ticks: 1, to: memory) }
            encoder.encode(batch, .cached)
            batch.removeAll()
            for memory in memories.prefix(streams) where memory.isFull { _ = scorer.logits(of: memory) }
        }
        for _ in 0..<frames { sweptStep() }

        var (exact, exactInt8, sweep) = (Samples(), Samples(), Samples())
        var cached = options.batches.map { (streams: $0, step: Samples()) }
        var peak = 0.0
        for round in 0..<options.rounds {
            progress(round)
            peak = max(peak, team.measuredPeak(seconds: 0.1))
            if options.measuresExact {
                for _ in 0..<2 { exact.add(milliseconds { exactStep() }) }
                if model.precision == .int8 { for _ in 0..<2 { exactInt8.add(milliseconds { exactStep(.int8) }) } }
            }
            for _ in 0..<4 { sweep.add(milliseconds(sweptStep)) }
            for index in cached.indices {
                for _ in 0..<max(2, 8 / cached[index].streams) {
                    cached[index].step.add(milliseconds { cachedStep(cached[index].streams) })
                }
            }
        }
        let single = cached.first { $0.streams == 1 }?.step.median ?? .nan
        return Report(
            model: model.name,
            frames: frames,
            threads: team.threads,
            backend: model.backend.description,
            precision: model.precision,
            peak: peak,
            exact: exact,
            exactInt8: exactInt8.values.isEmpty ? nil : exactInt8,
            sweep: sweep,
            cached: cached,
            exactShare: model.work.window / (exact.median * 1e-3) / peak,
            sweptShare: model.work.sweptFrame / (sweep.median * 1e-3) / peak,
            cachedShare: model.work.frame / (single * 1e-3) / peak,
            weightBytes: model.visionByteCount,
            exactWeightBytes: model.exactByteCount,
            memoryBytesPerStream: memories.first?.byteCount ?? 0,
            sweepBytesPerStream: sweptMemory.byteCount,
            residentBytes: residentBytes
        )
    }

    private func milliseconds(_ body: () -> Void) -> Double {
        let start = MonotonicTime.now
        body()
        return (MonotonicTime.now - start) / .milliseconds(1)
    }

    /// VmRSS of this process.
    private static func residentBytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let kilobytes = line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
        return (kilobytes ?? 0) * 1024
    }
}

/// A few pictures of noise, no two alike, handed out in turn.
private final class Pictures {
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let byteCount: Int
    private var index = 0
    private static let count = 40

    init(byteCount: Int) {
        self.byteCount = byteCount
        bytes = .allocate(capacity: byteCount * Self.count)
        var state: UInt64 = 1
        for index in bytes.indices {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes.initializeElement(at: index, to: UInt8(state >> 56))
        }
    }

    deinit { bytes.deallocate() }

    func next() -> UnsafePointer<UInt8> {
        index = (index + 1) % Self.count
        guard let base = bytes.baseAddress else { preconditionFailure("there are pictures") }
        return UnsafePointer(base + index * byteCount)
    }
}
