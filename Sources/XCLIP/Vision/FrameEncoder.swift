package import Kernels

/// Encodes frames into their streams' memories: the vision encoder, at each level of reuse.
///
/// One workspace, made at `init` (that of sweeps at the first), serves all streams of a model; a step allocates nothing.
/// Owned by one thread. Where the team abandons a computation (`ComputeTeam.interlude`), what the memories of its streams
/// hold is worthless afterwards: they are cleared before they are used again.
package final class FrameEncoder {
    package let model: XCLIPModel
    package let team: ComputeTeam
    private let arena = FloatArena()
    private let workspace: FrameWorkspace
    /// Block 0's message in int8: the same for every frame, since every frame's class token is. [1, D]
    private let int8FirstMessage: Rows
    /// The same in floats, made when it is first needed. [1, D]
    private let floatFirstMessage: Rows
    private var hasFloatFirstMessage = false
    private let patchScratch: Rows
    private lazy var sweep = ClassPathSweep(model: model, team: team, streams: capacity)
    private let capacity: Int
    /// The frames of the pass that runs; kept for its memory alone.
    private var frames: [EncodedFrame] = []

    /// - Parameter batch: the most frames that `encode` is given at once.
    package init(model: XCLIPModel, team: ComputeTeam, batch: Int) {
        precondition(model.backend == team.backend, "the model is laid out for another backend")
        let count = max(batch, model.configuration.frames)
        self.model = model
        self.team = team
        capacity = batch
        workspace = FrameWorkspace(model: model, frames: count, arena: arena)
        int8FirstMessage = arena.makeRows(1, width: model.configuration.vision.width)
        floatFirstMessage = arena.makeRows(1, width: model.configuration.vision.width)
        patchScratch = model.vision.embedding.makeScratch(arena)
        frames.reserveCapacity(count)
        if model.precision == .int8 { computeFirstMessage(int8FirstMessage, model.vision.blocks) }
    }

    package var byteCount: Int { arena.byteCount }

    /// The blocks of a precision, whose first message is ready.
    private func blocks(in precision: Precision) -> [VisionBlock] {
        guard precision == .float32 else { return model.vision.blocks }
        let blocks = model.vision.floats.all
        precondition(!blocks.isEmpty, "the model was read without its floats")
        if !hasFloatFirstMessage {
            computeFirstMessage(floatFirstMessage, blocks)
            hasFloatFirstMessage = !team.isAbandoned
        }
        return blocks
    }

    /// T equal messages attend to one another: each weighs 1/T, so one alone gives the same.
    private func computeFirstMessage(_ message: Rows, _ blocks: [VisionBlock]) {
        let width = model.configuration.vision.width
        let (exchange, scratch) = (blocks[0].exchange, workspace.messageScratch)
        model.vision.embedding.classToken(into: workspace.classNormed[0..<1], team: team)
        exchange.prepare(workspace.classNormed[0..<1], scratch: scratch, team: team)
        scratch.attended[0..<1].copy(from: scratch.keysAndValues[0..<1].columns(width..<2 * width))
        exchange.finish(frames: 0..<1, scratch: scratch, team: team)
        message.copy(from: scratch.messages[0..<1])
    }

    /// Encodes new frames as far as `level` needs it before a decision. At `exact` that is at most block 0, which
    /// `encodeWindow` completes for each stream. All streams of a batch have one precision.
    package func encode(_ batch: FrameBatch, _ level: ReuseLevel) {
        precondition(batch.count <= capacity, "the encoder was made for smaller batches")
        guard let precision = batch.frames.first?.memory.precision else { return }
        precondition(batch.frames.allSatisfy { $0.memory.precision == precision }, "streams of two precisions")
        defer { frames.removeAll(keepingCapacity: true) }
        for (place, frame) in batch.frames.enumerated() {
            frames.append(EncodedFrame(memory: frame.memory, state: frame.state))
            model.vision.embedding.embed(
                workspace.tokens(of: place),
                pixels: frame.pixels,
                scratch: patchScratch,
                team: team
            )
        }
        // An exact pass computes block 0 in floats. Where steps do not, it starts from the tokens before.
        let (isFloat, blocks) = (precision == .float32, blocks(in: precision))
        if !isFloat {
            keepBlockZero(of: frames.count, isDone: false)
            if level == .exact { return }
        }
        encodeBlockZero(frames.count, blocks, isFloat ? floatFirstMessage : int8FirstMessage)
        if isFloat { keepBlockZero(of: frames.count, isDone: true) }
        for (place, frame) in frames.enumerated() {
            frame.memory.keepClassZero(workspace.tokens(of: place)[0..<1], ofState: frame.state)
        }
        switch level {
        case .exact: break
        case .sweep: run(sweep.pass(frames, tokens: workspace.x), blocks)
        case .cached:
            run(CachedPass(frames: frames, workspace: workspace, model: model, team: team), blocks)
        }
    }

    /// For a caller with one stream: encodes what `add` puts into a batch.
    package func encode(_ level: ReuseLevel, _ add: (inout FrameBatch) -> Void) {
        var batch = FrameBatch(capacity: capacity)
        add(&batch)
        encode(batch, level)
    }

    /// The paper's model on the whole window of a stream, from what is kept of each distinct frame. The states hold its
    /// values afterwards: in floats exact ones.
    ///
    /// - Parameter precision: `int8` only for a model that has it.
    package func encodeWindow(of memory: FrameMemory, _ precision: Precision = .float32) {
        precondition(memory.keepsBlockZero, "an exact pass needs block 0's output")
        defer { frames.removeAll(keepingCapacity: true) }
        let (isExact, blocks) = (precision == .float32, blocks(in: precision))
        gather(memory, isBlockZeroDone: false)
        let pending = frames.count
        gather(memory, isBlockZeroDone: true)
        guard !frames.isEmpty else { return }
        if pending > 0 {
            encodeBlockZero(pending, blocks, isExact ? floatFirstMessage : int8FirstMessage)
            if isExact { keepBlockZero(of: pending, isDone: true) }
        }
        run(ExactPass(frames: frames, memory: memory, workspace: workspace, model: model, team: team), blocks)
    }

    /// Appends the distinct frames of a window that have passed block 0 or have not, with their tokens.
    private func gather(_ memory: FrameMemory, isBlockZeroDone isDone: Bool) {
        for state in 0..<memory.window where memory.multiplicity(ofState: state) > 0 {
            guard memory.isBlockZeroDone(ofState: state) == isDone else { continue }
            if let kept = memory.blockZero(ofState: state) { workspace.tokens(of: frames.count).copy(from: kept) }
            frames.append(EncodedFrame(memory: memory, state: state))
        }
    }

    /// Updates the class tokens of a window whose frames' weights have changed since the last sweep; no frame is new.
    package func sweepWindow(of memory: FrameMemory) {
        guard let state = memory.states.last else { return }
        defer { frames.removeAll(keepingCapacity: true) }
        frames.append(EncodedFrame(memory: memory, state: state))
        run(sweep.pass(frames, tokens: nil), blocks(in: memory.precision))
    }

    /// Block 0 over the first `count` frames of the workspace.
    private func encodeBlockZero(_ count: Int, _ blocks: [VisionBlock], _ message: Rows) {
        let messages = workspace.messageScratch.messages[0..<count]
        for place in 0..<count { messages[place..<place + 1].copy(from: message) }
        blocks[0].layer.apply(
            to: workspace.x[0..<count * workspace.tokens],
            tokens: workspace.tokens,
            messages: messages,
            later: model.laterWeights(afterBlock: 0, of: blocks),
            scratch: workspace.layerScratch,
            team: team
        )
    }

    /// Keeps the tokens of the first `count` frames for exact passes.
    private func keepBlockZero(of count: Int, isDone: Bool) {
        for (place, frame) in frames.prefix(count).enumerated() {
            frame.memory.keepBlockZero(workspace.tokens(of: place), ofState: frame.state, isDone: isDone)
        }
    }

    /// Blocks 1…L−1, and what the memories keep of them.
    private func run(_ pass: some BlockPass, _ blocks: [VisionBlock]) {
        for (index, block) in blocks.enumerated().dropFirst() {
            guard !team.isAbandoned else { return }
            pass.exchangeMessages(index, block.exchange)
            pass.apply(index, block.layer, later: model.laterWeights(afterBlock: index, of: blocks))
        }
        pass.keepFeatures()
    }
}
