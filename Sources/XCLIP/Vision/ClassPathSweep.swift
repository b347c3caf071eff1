import Kernels

/// The class-path sweep: a new frame is encoded in full, and the class token and message of every earlier frame of its
/// window once more, two-way with all others, over what its patches were when it was new.
///
/// What drifts in `cached` is that older frames never learn of newer ones. The news travels by messages into class tokens,
/// and only from there into patches: to run the class tokens again mends most of it for T rows a block beside the N of the
/// new frame. The rows of both go through the same products, so that the weights are read once.
///
/// Rows of a stream's part of x: the new frame's tokens [N], then the class tokens of all T states, the new one's too, so
/// that a state's row is its number; a row whose state is not in the window goes along and is not looked at.
final class ClassPathSweep {
    /// The new frame of each stream; if no frame is new, the last state of its window.
    typealias Batch = [EncodedFrame]

    private let model: XCLIPModel
    private let team: ComputeTeam
    private let arena = FloatArena()
    private let x: Rows
    private let normed: Rows
    private let queryKeyValue: Rows
    private let attended: Rows
    private let hidden: Rows
    private let classes: Rows
    private let classFeatures: Rows
    private let messageScratch: MessageScratch
    /// Streams whose rows pass through a block together.
    let step: Int

    private var tokens: Int { model.configuration.tokens }
    private var window: Int { model.configuration.frames }
    private var width: Int { model.configuration.vision.width }

    /// - Parameter streams: the most that `pass` is given at once.
    init(model: XCLIPModel, team: ComputeTeam, streams: Int) {
        let layout = SweepLayout(tokens: model.configuration.tokens, window: model.configuration.frames)
        let tower = model.configuration.vision
        self.model = model
        self.team = team
        step = min(streams, max(1, LayerScratch.goodRows / layout.keyRows))
        x = arena.makeRows(streams * layout.rows, width: tower.width)
        normed = arena.makeRows(step * layout.keyRows, width: tower.width)
        queryKeyValue = arena.makeRows(step * layout.keyRows, width: 3 * tower.width)
        attended = arena.makeRows(step * layout.rows, width: tower.width)
        hidden = arena.makeRows(step * layout.rows, width: tower.intermediate)
        classes = arena.makeRows(streams * layout.window, width: tower.width)
        classFeatures = arena.makeRows(streams * layout.window, width: model.configuration.embedding)
        messageScratch = MessageScratch(frames: streams * layout.window, width: tower.width, arena: arena)
    }

    /// A pass over all blocks but the first.
    ///
    /// - Parameters:
    ///   - batch: the new frame of each stream.
    ///   - new: what block 0 left of them, [streams·N, D]. Nil if no frame is new but the weights of the windows' frames have
    ///     changed.
    func pass(_ batch: Batch, tokens new: Rows?) -> Pass {
        let layout = SweepLayout(tokens: new == nil ? 0 : tokens, window: window)
        for (stream, frame) in batch.enumerated() {
            guard let kept = frame.memory.classTokensAfterBlockZero else {
                preconditionFailure("a sweep needs the class tokens after block 0")
            }
            let x = x[layout.rows(of: stream)]
            if let new { x[0..<tokens].copy(from: new[stream * tokens..<(stream + 1) * tokens]) }
            x[layout.classTokens].copy(from: kept)
        }
        return Pass(sweep: self, batch: batch, layout: layout)
    }

    /// One step of the streams in `batch`.
    struct Pass: BlockPass {
        fileprivate let sweep: ClassPathSweep
        fileprivate let batch: Batch
        fileprivate let layout: SweepLayout

        func exchangeMessages(_ index: Int, _ exchange: MessageExchange) {
            sweep.exchangeMessages(batch, layout, exchange)
        }

        func apply(_ index: Int, _ layer: TransformerLayer, later: LaterWeights) {
            for first in stride(from: 0, to: batch.count, by: sweep.step) {
                let streams = first..<min(first + sweep.step, batch.count)
                let isLast = streams.upperBound == batch.count
                sweep.apply(layer, index, to: streams, of: batch, layout, later: isLast ? later : LaterWeights())
            }
        }

        func keepFeatures() { sweep.keepFeatures(batch, layout) }
    }

    /// The messages of all states, each attending to those of its window.
    private func exchangeMessages(_ batch: Batch, _ layout: SweepLayout, _ exchange: MessageExchange) {
        gatherClassTokens(batch, layout)
        let count = batch.count * window
        exchange.prepare(classes[0..<count], scratch: messageScratch, team: team)
        for (stream, frame) in batch.enumerated() {
            let own = messageScratch.queryKeyValue[layout.states(of: stream)]
            attention(
                messageScratch.attended[layout.states(of: stream)],
                q: own.columns(0..<width),
                k: own.columns(width..<2 * width),
                v: own.columns(2 * width..<3 * width),
                shape: Attention(heads: exchange.heads, queries: window, keys: window),
                keyBias: frame.memory.logMultiplicity.base,
                team: team
            )
        }
        exchange.finish(frames: 0..<count, scratch: messageScratch, team: team)
    }

    /// The class tokens of all states: a new frame's stands with its other tokens.
    private func gatherClassTokens(_ batch: Batch, _ layout: SweepLayout) {
        for (stream, frame) in batch.enumerated() {
            let (x, state) = (x[layout.rows(of: stream)], frame.state)
            let classTokens = x[layout.classTokens]
            if layout.tokens > 0 { classTokens[state..<state + 1].copy(from: x[0..<1]) }
            classes[layout.states(of: stream)].copy(from: classTokens)
        }
    }

    /// A transformer block over the rows of `streams`.
    private func apply(
        _ layer: TransformerLayer,
        _ index: Int,
        to streams: Range<Int>,
        of batch: Batch,
        _ layout: SweepLayout,
        later: LaterWeights
    ) {
        let x = x[streams.lowerBound * layout.rows..<streams.upperBound * layout.rows]
        let normed = normed[0..<streams.count * layout.keyRows]
        let qkv = queryKeyValue[0..<normed.count]
        let attended = attended[0..<x.count]
        for (place, stream) in streams.enumerated() {
            let (x, normed) = (x[layout.rows(of: place)], normed[layout.keyRows(of: place)])
            let messages = messageScratch.messages[layout.states(of: stream)]
            if layout.tokens > 0 {
                let state = batch[stream].state
                layerNorm(normed[0..<tokens], x[0..<tokens], layer.norm1, team: team)
                layerNorm(normed[tokens..<tokens + 1], messages[state..<state + 1], layer.norm1, team: team)
            }
            layerNorm(normed[layout.classKeys], x[layout.classTokens], layer.norm1, team: team)
            layerNorm(normed[layout.messageKeys], messages, layer.norm1, team: team)
        }
        linear(qkv, normed, layer.queryKeyValue, team: team)
        for (place, stream) in streams.enumerated() {
            let (memory, state) = (batch[stream].memory, batch[stream].state)
            attend(
                attended[layout.rows(of: place)],
                qkv[layout.keyRows(of: place)],
                layout,
                heads: layer.tower.heads,
                kept: memory.tokens(inBlock: index),
                state: state
            )
        }
        linear(x, attended, layer.attentionOutput, accumulate: true, later: later.duringOutput, team: team)
        layerNorm(normed[0..<x.count], x, layer.norm2, team: team)
        let hidden = hidden[0..<x.count]
        let activation = layer.tower.activation
        linear(hidden, normed[0..<x.count], layer.up, activation: activation, later: later.duringUp, team: team)
        linear(x, hidden, layer.down, accumulate: true, later: later.duringDown, team: team)
    }

    /// The new frame's tokens over themselves and its message; each class token over itself, its patches as they are kept,
    /// and its message. `kept` [T·(N+1), 2D] takes what is new.
    private func attend(_ attended: Rows, _ qkv: Rows, _ layout: SweepLayout, heads: Int, kept: Rows, state: Int) {
        let (keys, keysAndValues) = (tokens + 1, qkv.columns(width..<3 * width))
        if layout.tokens > 0 {
            kept[state * keys + 1..<state * keys + tokens].copy(from: keysAndValues[1..<tokens])
            attention(
                attended[0..<tokens],
                q: qkv[0..<tokens].columns(0..<width),
                k: keysAndValues[0..<keys].columns(0..<width),
                v: keysAndValues[0..<keys].columns(width..<2 * width),
                shape: Attention(heads: heads, queries: tokens, keys: keys),
                team: team
            )
        }
        kept.every(keys).copy(from: keysAndValues[layout.classKeys])
        kept.every(keys, from: tokens).copy(from: keysAndValues[layout.messageKeys])
        attention(
            attended[layout.classTokens],
            q: qkv[layout.classKeys].columns(0..<width),
            k: kept.columns(0..<width),
            v: kept.columns(width..<2 * width),
            shape: Attention(sets: window, heads: heads, queries: 1, keys: keys),
            team: team
        )
    }

    /// Every state's class features, and the new one's patch features.
    private func keepFeatures(_ batch: Batch, _ layout: SweepLayout) {
        let vision = model.vision
        gatherClassTokens(batch, layout)
        let classes = classes[0..<batch.count * window]
        let normedClasses = messageScratch.normed[0..<classes.count]
        layerNorm(normedClasses, classes, vision.postNorm, team: team)
        linear(classFeatures[0..<classes.count], normedClasses, vision.visualProjection, team: team)
        for (stream, frame) in batch.enumerated() {
            let (memory, state) = (frame.memory, frame.state)
            memory.classFeatures.copy(from: classFeatures[layout.states(of: stream)])
            guard layout.tokens > 0 else { continue }
            let patches = normed[1..<tokens]
            layerNorm(patches, x[layout.rows(of: stream)][1..<tokens], vision.promptNorm, team: team)
            linear(memory.patchFeatures(ofState: state), patches, vision.promptProjection, team: team)
        }
    }
}
