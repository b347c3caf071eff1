import Checkpoints
import Kernels

/// Video-specific prompting (paper section 3.3): the label embeddings look at the window's mean patch features.
///
/// Per layer `t += cross_attn(norm1(t), visual, visual)` (q/k/v without bias, out with), `t += mlp(norm3(t))`; the result
/// × alpha is added to the label embeddings. Checkpoint keys: prompts_generator.*
struct PromptGenerator: Sendable {
    struct Layer: Sendable {
        let norm1: LayerNorm
        let query: Linear
        let keyValue: Linear
        let output: Linear
        let norm3: LayerNorm
        let up: Linear
        let down: Linear
    }

    let visualNorm: LayerNorm
    let layers: [Layer]
    private let alpha: [Float]
    private let heads: Int
    private let activation: Activation

    init(configuration: XCLIPConfiguration, reader: WeightReader) throws(CheckpointError) {
        let width = configuration.embedding
        let name = "prompts_generator."
        visualNorm = try reader.norm(name + "layernorm", width: width, epsilon: configuration.vision.epsilon)
        alpha = try reader.floats(name + "alpha", shape: [width])
        heads = configuration.promptHeads
        activation = configuration.promptActivation
        var layers: [Layer] = []
        for index in 0..<configuration.promptLayers {
            let prefix = name + "decoder.\(index)."
            layers.append(
                Layer(
                    norm1: try reader.norm(prefix + "norm1", width: width, epsilon: configuration.text.epsilon),
                    query: try reader.linear(prefix + "cross_attn.q_proj", inputs: width, outputs: width, bias: false),
                    keyValue: try reader.linear(
                        ["k", "v"].map { prefix + "cross_attn.\($0)_proj" },
                        inputs: width,
                        outputs: width,
                        bias: false
                    ),
                    output: try reader.linear(prefix + "cross_attn.proj", inputs: width, outputs: width),
                    norm3: try reader.norm(prefix + "norm3", width: width, epsilon: configuration.text.epsilon),
                    up: try reader.linear(prefix + "mlp.0", inputs: width, outputs: 4 * width),
                    down: try reader.linear(prefix + "mlp.3", inputs: 4 * width, outputs: width)
                )
            )
        }
        self.layers = layers
    }

    /// The memory that `apply` works in, for K labels and N−1 patches.
    struct Scratch {
        let visual, keyValue, text, normed, queries, attended, hidden: Rows

        init(labels: Int, patches: Int, width: Int, arena: FloatArena) {
            visual = arena.makeRows(patches, width: width)
            keyValue = arena.makeRows(patches, width: 2 * width)
            text = arena.makeRows(labels, width: width)
            normed = arena.makeRows(labels, width: width)
            queries = arena.makeRows(labels, width: width)
            attended = arena.makeRows(labels, width: width)
            hidden = arena.makeRows(labels, width: 4 * width)
        }
    }

    /// - labels: [K, E]; left as they are.
    /// - visual: [N−1, E], the mean over T of the patch features; normalised in place.
    /// - Returns: scratch.text [K, E], the labels with their prompts added.
    func apply(labels: Rows, visual: Rows, scratch: Scratch, team: ComputeTeam) -> Rows {
        let width = labels.width
        let text = scratch.text
        layerNorm(visual, visual, visualNorm, team: team)
        text.copy(from: labels)
        for layer in layers {
            layerNorm(scratch.normed, text, layer.norm1, team: team)
            linear(scratch.queries, scratch.normed, layer.query, team: team)
            linear(scratch.keyValue, visual, layer.keyValue, team: team)
            attention(
                scratch.attended,
                q: scratch.queries,
                k: scratch.keyValue.columns(0..<width),
                v: scratch.keyValue.columns(width..<2 * width),
                shape: Attention(heads: heads, queries: labels.count, keys: visual.count),
                team: team
            )
            linear(text, scratch.attended, layer.output, accumulate: true, team: team)
            layerNorm(scratch.normed, text, layer.norm3, team: team)
            linear(scratch.hidden, scratch.normed, layer.up, activation: activation, team: team)
            linear(text, scratch.hidden, layer.down, accumulate: true, team: team)
        }
        alpha.withUnsafeBufferPointer { alpha in
            for label in 0..<labels.count {
                for column in 0..<width {
                    text[label][column] = labels[label][column] + alpha[column] * text[label][column]
                }
            }
        }
        return text
    }
}
