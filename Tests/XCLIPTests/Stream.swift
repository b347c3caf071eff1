import Frames

@testable import XCLIP

/// One stream's encoder, memory and scorer, fed with frames that lie in sequence in memory.
final class Stream {
    let model: XCLIPModel
    let encoder: FrameEncoder
    let memory: FrameMemory
    let scorer: WindowScorer
    private var batch = FrameBatch(capacity: 1)
    private var time = 0.0

    /// `encoder`: shared with another stream; nil for one of its own.
    init(
        model: XCLIPModel,
        labels: LabelEmbeddings,
        precision: Precision? = nil,
        keepsBlockZero: Bool,
        sweeps: Bool = false,
        threads: Int = 2,
        encoder: FrameEncoder? = nil
    ) {
        self.model = model
        self.encoder = encoder ?? FrameEncoder(model: model, team: model.makeTeam(threads: threads), batch: 2)
        memory = FrameMemory(
            model: model,
            precision: precision,
            keepsBlockZero: keepsBlockZero,
            keepsTokens: sweeps
        )
        scorer = WindowScorer(model: model, labels: labels, team: self.encoder.team)
    }

    /// Encodes frame `index` of `pixels` into the memory, through block 0 only if `exact` and otherwise through the
    /// whole model.
    func push(_ pixels: [UInt8], frame index: Int, ticks: Int = 1, exact: Bool) {
        pixels.withUnsafeBufferPointer { pixels in
            guard let base = pixels.baseAddress else { return }
            batch.add(base + index * model.transform.byteCount, time: time, ticks: ticks, to: memory)
            encoder.encode(batch, exact ? .exact : memory.keepsTokens ? .sweep : .cached)
        }
        batch.removeAll()
        time += Double(ticks)
    }

    func logits() -> [Float] { Array(scorer.logits(of: memory)) }

    /// The logits of one clip, all frames through the exact pass.
    func exactLogits(_ clip: [UInt8]) -> [Float] {
        for frame in 0..<model.configuration.frames { push(clip, frame: frame, exact: true) }
        encoder.encodeWindow(of: memory)
        return logits()
    }
}
