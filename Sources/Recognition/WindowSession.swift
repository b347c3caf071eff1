public import Frames
public import XCLIP

/// One stream's window: sampled pictures in, scores out. No threads, no clocks, no events.
///
/// Several sessions share an encoder: each puts its picture into the encoder's batch with `enqueue`, the caller runs the
/// batch, and then each takes its decision.
public final class WindowSession {
    public let specification: StreamSpecification
    private let memory: FrameMemory
    private let scorer: WindowScorer
    private let encoder: FrameEncoder
    private var nextTick: Int?
    private var ticksSinceDecision = 0
    /// The scores of the last decision, one for each label.
    public private(set) var scores: [Double]
    /// The logits of the last decision: the labels', then the background's.
    public private(set) var logits: [Float]

    /// `embeddings`: of `specification.texts`, by the encoder's model.
    public init(specification: StreamSpecification, embeddings: LabelEmbeddings, encoder: FrameEncoder) {
        precondition(embeddings.texts == specification.texts, "the embeddings of other texts")
        self.specification = specification
        self.encoder = encoder
        memory = FrameMemory(model: encoder.model, keepsBlockZero: specification.reuse == .exact)
        scorer = WindowScorer(model: encoder.model, labels: embeddings, team: encoder.team)
        scores = Array(repeating: 0, count: specification.labels.count)
        logits = Array(repeating: 0, count: embeddings.count)
        ticksSinceDecision = specification.hop
    }

    /// Bytes of the frame memory.
    public var memoryByteCount: Int { memory.byteCount }
    /// The presentation times of the window's frames, oldest first.
    public var frameTimes: [Double] { memory.times }

    /// Forgets the window: the source was lost, or shows another picture.
    public func clear() {
        memory.clear()
        nextTick = nil
        ticksSinceDecision = specification.hop
    }

    /// Puts a picture into the encoder's batch. Ticks that nothing came for are filled with the picture before, so that
    /// the window never covers more time than it says.
    public func enqueue(_ frame: SampledFrame, pixels: UnsafePointer<UInt8>) {
        precondition(!frame.ticks.isEmpty, "a sampled frame stands for a tick")
        let missed = nextTick.map { max(0, frame.ticks.lowerBound - $0) } ?? 0
        memory.hold(ticks: missed)
        encoder.enqueue(pixels, time: frame.time, ticks: frame.ticks.count, memory: memory)
        nextTick = frame.ticks.upperBound
        ticksSinceDecision += missed + frame.ticks.count
    }

    /// After the batch has run: scores the window where it is full and a decision is due. Returns whether it did.
    public func decide() -> Bool {
        guard memory.isFull, ticksSinceDecision >= specification.hop else { return false }
        ticksSinceDecision = 0
        if specification.reuse == .exact { encoder.encodeWindow(of: memory) }
        let values = scorer.logits(of: memory)
        for index in logits.indices { logits[index] = values[index] }
        LabelScores.compute(
            values,
            labels: scores.count,
            scoring: specification.scoring,
            temperature: specification.temperature,
            into: &scores
        )
        return true
    }
}
