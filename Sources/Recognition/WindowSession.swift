package import Frames
import System
package import XCLIP

/// One stream's window: sampled pictures in, scores out. No threads, no clocks, no events.
///
/// Several sessions share an encoder: each offers its picture, which may go into the encoder's batch; the caller runs the
/// batch, and then each takes its decision.
package final class WindowSession {
    /// What became of the pictures offered.
    package struct Counts: Sendable, Equatable {
        package var encoded = 0
        /// Not encoded, because they showed nothing new.
        package var gated = 0
        /// Exact passes over windows of another level.
        package var exactPasses = 0

        package init() {}
    }

    package let specification: StreamSpecification
    package private(set) var counts = Counts()
    /// The scores of the last decision, one for each label.
    package private(set) var scores: [Double]
    /// The logits of the last decision: the labels', then the background's.
    package private(set) var logits: [Float]
    /// Whether the published model, on this very window, made them.
    package private(set) var isExact = false

    /// Whether the last decision was computed: the window had changed since the one before.
    package private(set) var isFresh = false

    private let memory: FrameMemory
    private let scorer: WindowScorer
    private let encoder: FrameEncoder
    private let interval: Double
    private var gate: SceneGate
    private var nextTick: Int?
    private var ticksSinceDecision: Int
    /// The window is another than the one that was scored last.
    private var isStale = true
    /// The window's frames weigh otherwise than when they were swept last.
    private var isUnswept = false
    /// Up to the window's length: as many ticks later all of it shows one scene, and weighing its frames anew is in vain.
    private var ticksSinceChange = 0
    /// After a cut the window is exact at once, and once more when all of it shows the new picture.
    private var refreshTicks: (now: Bool, later: Int?) = (false, nil)

    /// `embeddings`: of `specification.texts`, by the encoder's model. `reach`: for studies; streams reach for the window.
    package init(
        specification: StreamSpecification,
        embeddings: LabelEmbeddings,
        encoder: FrameEncoder,
        reach: FrameMemory.Reach = .window
    ) {
        precondition(embeddings.texts == specification.texts, "the embeddings of other texts")
        self.specification = specification
        self.encoder = encoder
        let model = encoder.model
        memory = FrameMemory(
            model: model,
            keepsBlockZero: specification.needsExactPasses,
            keepsTokens: specification.reuse == .sweep,
            reach: reach
        )
        scorer = WindowScorer(model: model, labels: embeddings, team: encoder.team)
        interval = specification.interval(frames: model.configuration.frames)
        gate = SceneGate(
            settings: SceneGate.Settings(threshold: specification.gate, refresh: specification.gateRefresh),
            width: model.transform.width,
            height: model.transform.height
        )
        scores = Array(repeating: 0, count: specification.labels.count)
        logits = Array(repeating: 0, count: embeddings.count)
        ticksSinceDecision = specification.hop
    }

    /// Bytes of the frame memory.
    package var memoryByteCount: Int { memory.byteCount }
    /// The presentation times of the window's frames, oldest first.
    package var frameTimes: [Double] { memory.times }

    /// Forgets the window: the source was lost, or its time begins anew.
    package func clear() {
        memory.clear()
        gate.clear()
        nextTick = nil
        ticksSinceDecision = specification.hop
        (isStale, isUnswept, ticksSinceChange) = (true, false, 0)
        refreshTicks = (false, nil)
    }

    /// Takes a picture: into the encoder's batch, or where it shows nothing new only into the window. Ticks that nothing
    /// came for are filled with the picture before, so that the window never covers more time than it says.
    package func offer(_ frame: SampledFrame, pixels: UnsafePointer<UInt8>) {
        precondition(!frame.ticks.isEmpty, "a sampled frame stands for a tick")
        let missed = nextTick.map { max(0, frame.ticks.lowerBound - $0) } ?? 0
        hold(missed)
        nextTick = frame.ticks.upperBound
        // Counted up to the hop only: a gap may be as long as it likes.
        ticksSinceDecision = min(
            specification.hop,
            ticksSinceDecision + min(missed, memory.capacity) + frame.ticks.count
        )
        let time = Duration.seconds(Double(frame.ticks.lowerBound) * interval)
        let verdict = gate.judge(pixels, at: time)
        // Equal bytes are equal states in the exact model. The others would see another past, so there the gate decides.
        let isMerged = verdict == .identical && (specification.reuse == .exact || specification.gate > 0)
        if isMerged || verdict == .still {
            counts.gated += 1
            hold(frame.ticks.count)
            return
        }
        if verdict == .cut { refreshTicks = (true, frame.ticks.lowerBound + memory.capacity) }
        gate.remember(pixels, at: time)
        counts.encoded += 1
        (isStale, isUnswept) = (true, false)
        if verdict != .due { ticksSinceChange = 0 }
        ticksSinceChange = min(ticksSinceChange + frame.ticks.count, memory.capacity)
        encoder.enqueue(pixels, time: frame.time, ticks: frame.ticks.count, memory: memory)
    }

    private func hold(_ ticks: Int) {
        guard ticks > 0 else { return }
        // A window of one state only, held on, is the same window.
        if !(memory.isFull && memory.isUniform) {
            isStale = true
            isUnswept = isUnswept || ticksSinceChange < memory.capacity
        }
        memory.hold(ticks: ticks)
        ticksSinceChange = min(ticksSinceChange + min(ticks, memory.capacity), memory.capacity)
    }

    /// After the batch has run: scores the window where it is full and a decision is due. Returns whether it did.
    package func decide() -> Bool {
        guard memory.isFull, ticksSinceDecision >= specification.hop else { return false }
        ticksSinceDecision = 0
        isFresh = isStale
        guard isStale else { return true }
        if specification.reuse == .exact || takeRefresh() {
            encoder.encodeWindow(of: memory)
            isExact = true
        } else {
            if specification.reuse == .sweep, isUnswept { encoder.sweepWindow(of: memory) }
            isExact = false
        }
        isUnswept = false
        score()
        return true
    }

    /// Scores the window that was just decided once more, by the published model, whose states replace the drifted ones.
    package func decideExactly() {
        precondition(memory.isFull && specification.needsExactPasses, "an exact pass needs a full window, and block 0")
        encoder.encodeWindow(of: memory)
        isExact = true
        counts.exactPasses += 1
        score()
    }

    private func takeRefresh() -> Bool {
        guard specification.confirm else { return false }
        let isLater = refreshTicks.later.map { (nextTick ?? 0) >= $0 } ?? false
        guard refreshTicks.now || isLater else { return false }
        refreshTicks = (false, isLater ? nil : refreshTicks.later)
        counts.exactPasses += 1
        return true
    }

    private func score() {
        isStale = false
        let values = scorer.logits(of: memory)
        for index in logits.indices { logits[index] = values[index] }
        LabelScores.compute(
            values,
            labels: scores.count,
            scoring: specification.scoring,
            temperature: specification.temperature,
            into: &scores
        )
    }
}
