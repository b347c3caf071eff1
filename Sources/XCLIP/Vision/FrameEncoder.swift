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
    /// Block 0's message: the same for every frame, since every frame's class token is. [1, D], repeated by stride 0.
    private let firstMessage: Rows
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
        firstMessage = arena.makeRows(1, width: model.configuration.vision.width)
        patchScratch = model.vision.embedding.makeScratch(arena)
        frames.reserveCapacity(count)
        computeFirstMessage()
    }

    package var byteCount: Int { arena.byteCount }

    /// T equal messages attend to one another: each weighs 1/T, so one alone gives the same.
    private func computeFirstMessage() {
        let width = model.configuration.vision.width
        let (exchange, scratch) = (model.vision.blocks[0].exchange, workspace.messageScratch)
        model.vision.embedding.classToken(into: workspace.classNormed[0..<1], team: team)
        exchange.prepare(workspace.classNormed[0..<1], scratch: scratch, team: team)
        scratch.attended[0..<1].copy(from: scratch.keysAndValues[0..<1].columns(width..<2 * width))
        exchange.finish(frames: 0..<1, scratch: scratch, team: team)
        firstMessage.copy(from: scratch.messages[0..<1])
    }

    /// Encodes new frames as far as `level` needs it before a decision: at `exact` through block 0, which `encodeWindow`
    /// completes for each stream; else fully.
    package func encode(_ batch: FrameBatch, _ level: ReuseLevel) {
        precondition(batch.count <= capacity, "the encoder was made for smaller batches")
        guard !batch.isEmpty else { return }
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
        encodeBlockZero()
        switch level {
        case .exact: break
        case .sweep: run(sweep.pass(frames, tokens: workspace.x))
        case .cached: run(CachedPass(frames: frames, workspace: workspace, model: model, team: team))
        }
    }

    /// For a caller with one stream: encodes what `add` puts into a batch.
    package func encode(_ level: ReuseLevel, _ add: (inout FrameBatch) -> Void) {
        var batch = FrameBatch(capacity: capacity)
        add(&batch)
        encode(batch, level)
    }

    /// The paper's model on the whole window of a stream, from what block 0 left of each distinct frame. The states hold
    /// exact values afterwards.
    package func encodeWindow(of memory: FrameMemory) {
        precondition(memory.keepsBlockZero, "an exact pass needs block 0's output")
        defer { frames.removeAll(keepingCapacity: true) }
        for state in 0..<memory.window where memory.multiplicity(ofState: state) > 0 {
            if let kept = memory.blockZero(ofState: state) { workspace.tokens(of: frames.count).copy(from: kept) }
            frames.append(EncodedFrame(memory: memory, state: state))
        }
        guard !frames.isEmpty else { return }
        run(ExactPass(frames: frames, memory: memory, workspace: workspace, model: model, team: team))
    }

    /// Updates the class tokens of a window whose frames' weights have changed since the last sweep; no frame is new.
    package func sweepWindow(of memory: FrameMemory) {
        guard let state = memory.states.last else { return }
        defer { frames.removeAll(keepingCapacity: true) }
        frames.append(EncodedFrame(memory: memory, state: state))
        run(sweep.pass(frames, tokens: nil))
    }

    private func encodeBlockZero() {
        let messages = workspace.messageScratch.messages[0..<frames.count]
        for place in 0..<frames.count { messages[place..<place + 1].copy(from: firstMessage) }
        model.vision.blocks[0].layer.apply(
            to: workspace.x[0..<frames.count * workspace.tokens],
            tokens: workspace.tokens,
            messages: messages,
            later: model.laterWeights(afterBlock: 0),
            scratch: workspace.layerScratch,
            team: team
        )
        for (place, frame) in frames.enumerated() {
            frame.memory.keepBlockZero(workspace.tokens(of: place), ofState: frame.state)
        }
    }

    /// Blocks 1…L−1, and what the memories keep of them.
    private func run(_ pass: some BlockPass) {
        for (index, block) in model.vision.blocks.enumerated().dropFirst() {
            guard !team.isAbandoned else { return }
            pass.exchangeMessages(index, block.exchange)
            pass.apply(index, block.layer)
        }
        pass.keepFeatures()
    }
}
