import Kernels

/// What differs between the levels of reuse in the vision encoder's blocks 1…L−1. `FrameEncoder` runs the blocks.
protocol BlockPass {
    /// The messages that go into block `index`, each attended to by the frames that the level lets meet.
    func exchangeMessages(_ index: Int, _ exchange: MessageExchange)
    /// The block's transformer layer over tokens ⊕ message. `later`: what is read after it.
    func apply(_ index: Int, _ layer: TransformerLayer, later: LaterWeights)
    /// After the last block: class features and patch features go into the streams' memories.
    func keepFeatures()
}

/// A frame whose tokens stand in the workspace, and where its stream keeps what comes of it.
struct EncodedFrame {
    let memory: FrameMemory
    let state: Int
}

/// The rows that whole frames are encoded in; made once, shared by all streams.
struct FrameWorkspace {
    /// Tokens of F frames. [F·N, D]
    let x: Rows
    let layerScratch: LayerScratch
    let messageScratch: MessageScratch
    let classNormed: Rows
    let classProjected: Rows
    let patchNormed: Rows
    /// log m of each frame's message in an exact pass. [F]
    let keyBias: Rows
    let tokens: Int

    /// - Parameter frames: the most frames at once, F.
    init(model: XCLIPModel, frames: Int, arena: FloatArena) {
        let configuration = model.configuration
        let width = configuration.vision.width
        tokens = configuration.tokens
        x = arena.makeDenseRows(frames * tokens, width: width)
        layerScratch = LayerScratch(tower: configuration.vision, tokens: tokens + 1, sets: frames, arena: arena)
        messageScratch = MessageScratch(frames: frames, width: width, arena: arena)
        classNormed = arena.makeRows(frames, width: width)
        classProjected = arena.makeRows(frames, width: configuration.embedding)
        patchNormed = arena.makeRows(configuration.patches, width: width)
        keyBias = arena.makeDenseRows(1, width: frames)
    }

    /// The tokens of one frame. [N, D]
    func tokens(of frame: Int) -> Rows { x[frame * tokens..<(frame + 1) * tokens] }
    /// The class tokens of the first `count` frames. [count, D]
    func classTokens(_ count: Int) -> Rows { x[0..<count * tokens].every(tokens) }

    /// Class token → post-LayerNorm → visual projection; patches → prompts LayerNorm → prompts projection.
    func keepFeatures(of frames: [EncodedFrame], _ vision: VisionWeights, team: ComputeTeam) {
        let count = frames.count
        layerNorm(classNormed[0..<count], classTokens(count), vision.postNorm, team: team)
        linear(classProjected[0..<count], classNormed[0..<count], vision.visualProjection, team: team)
        for (index, frame) in frames.enumerated() {
            frame.memory.classFeatures[frame.state..<frame.state + 1].copy(from: classProjected[index..<index + 1])
            layerNorm(patchNormed, tokens(of: index)[1..<tokens], vision.promptNorm, team: team)
            linear(frame.memory.patchFeatures(ofState: frame.state), patchNormed, vision.promptProjection, team: team)
        }
    }
}
