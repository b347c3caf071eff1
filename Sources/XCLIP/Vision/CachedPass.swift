import Kernels

/// `cached`: each new frame once, its message attending to those that its stream's memory holds.
struct CachedPass: BlockPass {
    let frames: [EncodedFrame]
    let workspace: FrameWorkspace
    let model: XCLIPModel
    let team: ComputeTeam

    private var width: Int { model.configuration.vision.width }

    func exchangeMessages(_ index: Int, _ exchange: MessageExchange) {
        let scratch = workspace.messageScratch
        exchange.prepare(workspace.classTokens(frames.count), scratch: scratch, team: team)
        for (place, frame) in frames.enumerated() {
            let kept = frame.memory.messages(inBlock: index)
            kept[frame.state..<frame.state + 1].copy(from: scratch.keysAndValues[place..<place + 1])
            attention(
                scratch.attended[place..<place + 1],
                q: scratch.queries[place..<place + 1],
                k: kept.columns(0..<width),
                v: kept.columns(width..<2 * width),
                shape: Attention(heads: exchange.heads, queries: 1, keys: frame.memory.window),
                keyBias: frame.memory.messageBias.base,
                team: team
            )
        }
        exchange.finish(frames: 0..<frames.count, scratch: scratch, team: team)
    }

    func apply(_ index: Int, _ layer: TransformerLayer, later: LaterWeights) {
        layer.apply(
            to: workspace.x[0..<frames.count * workspace.tokens],
            tokens: workspace.tokens,
            messages: workspace.messageScratch.messages[0..<frames.count],
            later: later,
            scratch: workspace.layerScratch,
            team: team
        )
    }

    func keepFeatures() { workspace.keepFeatures(of: frames, model.vision, team: team) }
}
