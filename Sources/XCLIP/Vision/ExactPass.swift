import Kernels

/// `exact`: the paper's model on the distinct frames of one window. m equal frames are one whose message weighs m times
/// (+log m on its attention logit), so the cost is that of the distinct frames.
struct ExactPass: BlockPass {
    /// All of one memory, each state once.
    let frames: [EncodedFrame]
    let memory: FrameMemory
    let workspace: FrameWorkspace
    let model: XCLIPModel
    let team: ComputeTeam

    private var width: Int { model.configuration.vision.width }

    func exchangeMessages(_ index: Int, _ exchange: MessageExchange) {
        let (scratch, count, bias) = (workspace.messageScratch, frames.count, workspace.keyBias.base)
        exchange.prepare(workspace.classTokens(count), scratch: scratch, team: team)
        let kept = memory.messages(inBlock: index)
        for (place, frame) in frames.enumerated() {
            kept[frame.state..<frame.state + 1].copy(from: scratch.keysAndValues[place..<place + 1])
            bias[place] = memory.logMultiplicity[0][frame.state]
        }
        let keysAndValues = scratch.keysAndValues[0..<count]
        attention(
            scratch.attended[0..<count],
            q: scratch.queries[0..<count],
            k: keysAndValues.columns(0..<width),
            v: keysAndValues.columns(width..<2 * width),
            shape: Attention(heads: exchange.heads, queries: count, keys: count),
            keyBias: bias,
            team: team
        )
        exchange.finish(frames: 0..<count, scratch: scratch, team: team)
    }

    func apply(_ index: Int, _ layer: TransformerLayer, later: LaterWeights) {
        layer.apply(
            to: workspace.x[0..<frames.count * workspace.tokens],
            tokens: workspace.tokens,
            messages: workspace.messageScratch.messages[0..<frames.count],
            later: later,
            scratch: workspace.layerScratch,
            team: team,
            keep: { place, keysAndValues in
                guard memory.keepsTokens else { return }
                memory.tokens(inBlock: index, ofState: frames[place].state).copy(from: keysAndValues)
            }
        )
    }

    func keepFeatures() { workspace.keepFeatures(of: frames, model.vision, team: team) }
}
