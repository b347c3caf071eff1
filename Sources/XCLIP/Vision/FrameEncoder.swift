package import Kernels

/// Encodes frames into their streams' memories: the vision encoder, at each level of reuse.
///
/// One workspace, made at `init` (that of sweeps at the first), serves all streams of a model; a step allocates nothing.
/// Owned by one thread.
package final class FrameEncoder {
    package let model: XCLIPModel
    package let team: ComputeTeam
    private let arena = FloatArena()
    private let x: Rows
    private let scratch: LayerScratch
    private let messageScratch: MessageScratch
    /// Block 0's message: the same for every frame, since every frame's class token is. [1, D], repeated by stride 0.
    private let firstMessage: Rows
    private let patchScratch: Rows
    private let classNormed: Rows
    private let classProjected: Rows
    private let patchNormed: Rows
    private let keyBias: Rows
    private lazy var sweep = ClassPathSweep(model: model, team: team, streams: batchLimit)
    private let batchLimit: Int
    private var batch: [(memory: FrameMemory, state: Int)] = []
    private let frames: Int
    /// Called between the blocks of a long computation: the caller shows that it goes on.
    package var onProgress: () -> Void = {}

    private var tokens: Int { model.configuration.tokens }
    private var width: Int { model.configuration.vision.width }

    /// `batch`: the most frames that `encodeBatch` will be given at once.
    package init(model: XCLIPModel, team: ComputeTeam, batch: Int) {
        precondition(model.backend == team.backend, "the model is laid out for another backend")
        let configuration = model.configuration
        let width = configuration.vision.width
        self.model = model
        self.team = team
        batchLimit = batch
        frames = max(batch, configuration.frames)
        x = arena.makeDenseRows(frames * configuration.tokens, width: width)
        scratch = LayerScratch(
            tower: configuration.vision,
            tokens: configuration.tokens + 1,
            sets: frames,
            arena: arena
        )
        messageScratch = MessageScratch(frames: frames, width: width, arena: arena)
        firstMessage = arena.makeRows(1, width: width)
        patchScratch = model.vision.embedding.makeScratch(arena)
        classNormed = arena.makeRows(frames, width: width)
        classProjected = arena.makeRows(frames, width: configuration.embedding)
        patchNormed = arena.makeRows(configuration.patches, width: width)
        keyBias = arena.makeDenseRows(1, width: frames)
        self.batch.reserveCapacity(frames)
        computeFirstMessage()
    }

    package var byteCount: Int { arena.byteCount }

    /// T equal messages attend to one another: each weighs 1/T, so one alone gives the same.
    private func computeFirstMessage() {
        let exchange = model.vision.blocks[0].exchange
        model.vision.embedding.classToken(into: classNormed[0..<1], team: team)
        exchange.prepare(classNormed[0..<1], scratch: messageScratch, team: team)
        messageScratch.attended[0..<1].copy(from: messageScratch.keysAndValues[0..<1].columns(width..<2 * width))
        exchange.finish(frames: 0..<1, scratch: messageScratch, team: team)
        firstMessage.copy(from: messageScratch.messages[0..<1])
    }

    /// Puts a frame, which stands for `ticks` positions of its stream's window, into the next batch: `pixels` [S, S, 3].
    /// A stream has at most one frame in a batch, since its next one attends to this one.
    package func enqueue(_ pixels: UnsafePointer<UInt8>, time: Double, ticks: Int, memory: FrameMemory) {
        precondition(batch.count < frames, "the batch is full")
        precondition(!batch.contains { $0.memory === memory }, "one frame of a stream in a batch")
        let frame = batch.count
        batch.append((memory, memory.append(time: time, ticks: ticks)))
        model.vision.embedding.embed(tokensOf(frame), pixels: pixels, scratch: patchScratch, team: team)
    }

    /// `cached`: each frame of the batch once, its messages attending to those that its stream's memory holds.
    package func encodeBatch() {
        guard !batch.isEmpty else { return }
        encodeBlockZero()
        let count = batch.count
        for (index, block) in model.vision.blocks.enumerated().dropFirst() {
            onProgress()
            block.exchange.prepare(classTokens(count), scratch: messageScratch, team: team)
            for frame in 0..<count {
                let (memory, state) = batch[frame]
                let kept = memory.messages(inBlock: index)
                kept[state..<state + 1].copy(from: messageScratch.keysAndValues[frame..<frame + 1])
                attention(
                    messageScratch.attended[frame..<frame + 1],
                    q: messageScratch.queries[frame..<frame + 1],
                    k: kept.columns(0..<width),
                    v: kept.columns(width..<2 * width),
                    shape: Attention(heads: block.exchange.heads, queries: 1, keys: memory.window),
                    keyBias: memory.messageBias.base,
                    team: team
                )
            }
            block.exchange.finish(frames: 0..<count, scratch: messageScratch, team: team)
            block.layer.apply(
                to: x[0..<count * tokens],
                tokens: tokens,
                messages: messageScratch.messages[0..<count],
                later: model.laterWeights(afterBlock: index),
                scratch: scratch,
                team: team
            )
        }
        storeFeatures(count)
        batch.removeAll(keepingCapacity: true)
    }

    /// `sweep`: each frame of the batch once, and with it the class tokens of its stream's earlier frames.
    package func encodeBatchSweeping() {
        guard !batch.isEmpty else { return }
        encodeBlockZero()
        sweep.run(batch, tokens: x, onProgress: onProgress)
        batch.removeAll(keepingCapacity: true)
    }

    /// `sweep`, where no frame is new but those of the window weigh otherwise: its class tokens alone.
    package func sweepWindow(of memory: FrameMemory) {
        precondition(batch.isEmpty, "encode the batch first")
        guard let state = memory.states.last else { return }
        batch.append((memory, state))
        sweep.run(batch, tokens: nil, onProgress: onProgress)
        batch.removeAll(keepingCapacity: true)
    }

    /// `exact`: the frames of the batch through block 0 only; `encodeWindow` does the rest for each stream.
    package func encodeBatchToBlockZero() {
        encodeBlockZero()
        batch.removeAll(keepingCapacity: true)
    }

    private func encodeBlockZero() {
        let count = batch.count
        guard count > 0 else { return }
        for frame in 0..<count { messageScratch.messages[frame..<frame + 1].copy(from: firstMessage) }
        model.vision.blocks[0].layer.apply(
            to: x[0..<count * tokens],
            tokens: tokens,
            messages: messageScratch.messages[0..<count],
            later: model.laterWeights(afterBlock: 0),
            scratch: scratch,
            team: team
        )
        for frame in 0..<count {
            batch[frame].memory.keepBlockZero(tokensOf(frame), ofState: batch[frame].state)
        }
    }

    /// The paper's model on the whole window of a stream, from what block 0 left of each distinct frame: what the states
    /// hold becomes exact.
    package func encodeWindow(of memory: FrameMemory) {
        precondition(memory.keepsBlockZero, "an exact pass needs block 0's output")
        precondition(batch.isEmpty, "encode the batch first")
        for state in 0..<memory.window where memory.multiplicity(ofState: state) > 0 {
            if let kept = memory.blockZero(ofState: state) { tokensOf(batch.count).copy(from: kept) }
            batch.append((memory, state))
        }
        let count = batch.count
        guard count > 0 else { return }
        let bias = keyBias.base
        for (index, block) in model.vision.blocks.enumerated().dropFirst() {
            onProgress()
            block.exchange.prepare(classTokens(count), scratch: messageScratch, team: team)
            let kept = memory.messages(inBlock: index)
            for frame in 0..<count {
                let state = batch[frame].state
                kept[state..<state + 1].copy(from: messageScratch.keysAndValues[frame..<frame + 1])
                bias[frame] = memory.logMultiplicity[0][state]
            }
            let keysAndValues = messageScratch.keysAndValues[0..<count]
            attention(
                messageScratch.attended[0..<count],
                q: messageScratch.queries[0..<count],
                k: keysAndValues.columns(0..<width),
                v: keysAndValues.columns(width..<2 * width),
                shape: Attention(heads: block.exchange.heads, queries: count, keys: count),
                keyBias: bias,
                team: team
            )
            block.exchange.finish(frames: 0..<count, scratch: messageScratch, team: team)
            block.layer.apply(
                to: x[0..<count * tokens],
                tokens: tokens,
                messages: messageScratch.messages[0..<count],
                later: model.laterWeights(afterBlock: index),
                scratch: scratch,
                team: team,
                keep: { frame, keysAndValues in
                    guard memory.keepsTokens else { return }
                    memory.tokens(inBlock: index, ofState: batch[frame].state).copy(from: keysAndValues)
                }
            )
        }
        storeFeatures(count)
        batch.removeAll(keepingCapacity: true)
    }

    /// Class tokens → post-LayerNorm → visual projection; patches → prompts LayerNorm → prompts projection.
    private func storeFeatures(_ count: Int) {
        let vision = model.vision
        layerNorm(classNormed[0..<count], classTokens(count), vision.postNorm, team: team)
        linear(classProjected[0..<count], classNormed[0..<count], vision.visualProjection, team: team)
        for frame in 0..<count {
            let (memory, state) = batch[frame]
            memory.classFeatures[state..<state + 1].copy(from: classProjected[frame..<frame + 1])
            layerNorm(patchNormed, tokensOf(frame)[1..<tokens], vision.promptNorm, team: team)
            linear(memory.patchFeatures(ofState: state), patchNormed, vision.promptProjection, team: team)
        }
    }

    private func tokensOf(_ frame: Int) -> Rows { x[frame * tokens..<(frame + 1) * tokens] }
    private func classTokens(_ count: Int) -> Rows { x[0..<count * tokens].every(tokens) }
}
