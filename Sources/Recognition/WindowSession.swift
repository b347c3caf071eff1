package import Frames
import Kernels
import System
package import XCLIP

/// The window of a stream's picture, or of one part of it: sampled pictures in, scores out. No threads, no clocks, no events.
///
/// Several sessions share an encoder: each offers its picture, which may go into the encoder's batch; the caller runs the
/// batch, and then each takes its decision.
package final class WindowSession {
    /// What became of the pictures offered.
    package struct Counts: Sendable, Equatable {
        package var encoded = 0
        /// Not encoded, because they showed nothing new.
        package var gated = 0
        /// Exact passes in floats, by the published model, over windows of another level.
        package var exactPasses = 0
        /// Exact passes in int8.
        package var int8Passes = 0
        /// Windows whose scores were no numbers. Nothing was decided on them.
        package var undefined = 0

        package init() {}

        mutating func add(_ other: Counts) {
            encoded += other.encoded
            gated += other.gated
            exactPasses += other.exactPasses
            int8Passes += other.int8Passes
            undefined += other.undefined
        }

        /// What is wrong if a model's scores were no numbers; nil if all were.
        package var complaint: String? {
            guard undefined > 0 else { return nil }
            return "the model's scores of \(undefined) windows are no numbers; its weights may be damaged"
        }
    }

    package let specification: StreamSpecification
    package private(set) var counts = Counts()
    /// The scores of the last decision, one for each label.
    package private(set) var scores: [Double]
    /// The logits of the last decision, in the order of `specification.logitLayout`.
    package private(set) var logits: [Float]
    /// The precision of the exact pass that made them; nil if a step of another level did.
    package private(set) var exactPass: Precision?
    /// Whether the published model, on this very window, made them.
    package var isExact: Bool { exactPass == .float32 }

    /// Whether the last decision was computed: the window had changed since the one before.
    package private(set) var isFresh = false

    private let layout: LogitLayout
    private let memory: FrameMemory
    private let scorer: WindowScorer
    private let encoder: FrameEncoder
    private let interval: Double
    private var gate: SceneGate
    private var schedule: DecisionSchedule
    private var freshness: WindowFreshness

    /// `embeddings`: of `specification.texts`, by the encoder's model. `reach`: for studies; streams reach for the window.
    package init(
        specification: StreamSpecification,
        embeddings: LabelEmbeddings,
        encoder: FrameEncoder,
        reach: FrameMemory.Reach = .window
    ) {
        precondition(embeddings.texts == specification.texts, "the embeddings of other texts")
        let model = encoder.model
        precondition(model.hasFloats || !specification.needsFloats(of: model), "the model's floats have not been read")
        self.specification = specification
        self.encoder = encoder
        memory = FrameMemory(
            model: model,
            precision: specification.precision(of: model),
            keepsBlockZero: specification.needsExactPasses,
            keepsTokens: specification.reuse == .sweep,
            reach: reach
        )
        layout = specification.logitLayout
        scorer = WindowScorer(
            model: model,
            labels: embeddings,
            groups: specification.textGroups,
            team: encoder.team
        )
        interval = specification.interval(frames: model.configuration.frames)
        gate = SceneGate(
            settings: SceneGate.Settings(threshold: specification.gate, refresh: specification.gateRefresh),
            width: model.transform.width,
            height: model.transform.height
        )
        scores = Array(repeating: 0, count: specification.labels.count)
        logits = Array(repeating: 0, count: scorer.count)
        schedule = DecisionSchedule(hop: specification.hop, capacity: model.configuration.frames)
        freshness = WindowFreshness(capacity: model.configuration.frames)
    }

    var isFull: Bool { memory.isFull }
    /// The logit that each of `specification.texts` had by itself in the last decision, valid until the next.
    var textLogits: UnsafeBufferPointer<Float> { scorer.textLogits }
    /// The presentation times of the window's frames, oldest first.
    package var frameTimes: [Double] { memory.times }

    /// Forgets the window: the source was lost, or its time begins anew.
    package func clear() {
        memory.clear()
        gate.clear()
        schedule.clear()
        freshness.clear()
    }

    /// Takes a picture: into `batch`, or only into the window if it shows nothing new. The picture before fills ticks for
    /// which none came, so that the window never covers more time than it says.
    ///
    /// - Parameter pixels: [S, S, 3] bytes, valid until the batch is encoded.
    package func offer(_ frame: SampledFrame, pixels: UnsafePointer<UInt8>, into batch: inout FrameBatch) {
        precondition(!frame.ticks.isEmpty, "a sampled frame stands for a tick")
        hold(schedule.take(frame.ticks))
        let time = Duration.seconds(Double(frame.ticks.lowerBound) * interval)
        let verdict = gate.judge(pixels, at: time)
        // Equal bytes are equal states in the exact model. The others would see another past, so there the gate decides.
        let isMerged = verdict == .identical && (specification.reuse == .exact || specification.gate > 0)
        if isMerged || verdict == .still {
            counts.gated += 1
            hold(frame.ticks.count)
            return
        }
        gate.remember(pixels, at: time)
        counts.encoded += 1
        freshness.encoded(frame.ticks, changed: verdict != .due, isCut: verdict == .cut)
        batch.add(pixels, time: frame.time, ticks: frame.ticks.count, to: memory)
    }

    private func hold(_ ticks: Int) {
        freshness.held(ticks, isOneFrame: memory.isFull && memory.isUniform)
        memory.hold(ticks: ticks)
    }

    /// After the batch: scores the window if it is full and a decision is due.
    ///
    /// - Returns: whether it did; not if the computation was abandoned or its result is no number.
    package func decide() -> Bool {
        guard memory.isFull, schedule.isDue else { return false }
        schedule.decided()
        isFresh = freshness.isStale
        guard isFresh else { return true }
        if specification.reuse == .exact {
            encoder.encodeWindow(of: memory)
            exactPass = .float32
        } else if specification.confirm, freshness.takeRefresh(before: schedule.nextTick ?? 0) {
            // The pass only has to clear the old scene out of the states. Confirmation then looks at the scores as usual.
            runExactPass(memory.precision)
        } else {
            if specification.reuse == .sweep, freshness.isUnswept { encoder.sweepWindow(of: memory) }
            exactPass = nil
        }
        freshness.swept()
        return score()
    }

    /// Scores the window that was just decided once more, by an exact pass, whose states replace the drifted ones.
    ///
    /// - Parameter precision: `int8` only if steps are computed in it; `float32` is the published model.
    /// - Returns: false if the computation was abandoned or its result is no number.
    package func decideExactly(_ precision: Precision = .float32) -> Bool {
        precondition(memory.isFull && specification.needsExactPasses, "an exact pass needs a full window, and block 0")
        runExactPass(precision)
        return score()
    }

    private func runExactPass(_ precision: Precision) {
        encoder.encodeWindow(of: memory, precision)
        exactPass = precision
        switch precision {
        case .float32: counts.exactPasses += 1
        case .int8: counts.int8Passes += 1
        }
    }

    /// False if the computation was abandoned or its result is no number: what was computed is worthless.
    private func score() -> Bool {
        let values = scorer.logits(of: memory)
        guard !encoder.team.isAbandoned else { return false }
        freshness.scored()
        for index in logits.indices { logits[index] = values[index] }
        LabelScores.compute(
            values,
            layout: layout,
            neutralSize: specification.neutralSize,
            scoring: specification.scoring,
            temperature: specification.temperature,
            into: &scores
        )
        guard scores.allSatisfy(\.isFinite) else {
            counts.undefined += 1
            // What the frames left behind may hold the fault, and hand it on to every frame that follows.
            memory.erase()
            clear()
            return false
        }
        return true
    }
}
