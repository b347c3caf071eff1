import Checkpoints
import Kernels

/// Byte pictures → tokens before the first block: patches by a stride-P convolution, class token, positions, pre-LayerNorm.
///
/// The normalisation (b · rescale − mean) / std is folded into the convolution's weights and its constant part into the
/// positions, so that the product eats bytes. Checkpoint keys: vision_model.embeddings.*, vision_model.pre_layernorm.
struct PatchEmbedding: Sendable {
    private let projection: Linear
    /// What each token starts from: row 0 class token + position 0, row i position i + the folded constant. [N, D]
    private let base: [Float]
    private let preNorm: LayerNorm
    private let imageSize: Int
    private let patchSize: Int
    private let patches: Int

    init(
        configuration: XCLIPConfiguration,
        preprocessing: Preprocessing,
        reader: WeightReader
    ) throws(CheckpointError) {
        let width = configuration.vision.width
        let patch = configuration.patchSize
        let name = "vision_model.embeddings."
        let convolution = try reader.floats(name + "patch_embedding.weight", shape: [width, 3, patch, patch])
        let classToken = try reader.floats(name + "class_embedding", shape: [width])
        var base = try reader.floats(name + "position_embedding.weight", shape: [configuration.tokens, width])
        let scale = (0..<3).map { preprocessing.rescale / preprocessing.std[$0] }
        let shift = (0..<3).map { -preprocessing.mean[$0] / preprocessing.std[$0] }
        let area = patch * patch
        for column in 0..<width {
            base[column] += classToken[column]
            var constant = 0.0
            for channel in 0..<3 {
                let first = (column * 3 + channel) * area
                constant += convolution[first..<first + area].reduce(0.0) { $0 + Double($1) } * shift[channel]
            }
            for token in 1..<configuration.tokens { base[token * width + column] += Float(constant) }
        }
        self.base = base
        // [D, channel, y, x] → [D, (y, x, channel)], the order of the bytes.
        projection = Linear(inputs: 3 * area, outputs: width, bias: nil, backend: reader.backend, arena: reader.arena) {
            (range: Range<Int>, floats: UnsafeMutableBufferPointer<Float>) in
            for (offset, row) in range.enumerated() {
                for channel in 0..<3 {
                    for pixel in 0..<area {
                        floats[(offset * area + pixel) * 3 + channel] =
                            Float(Double(convolution[(row * 3 + channel) * area + pixel]) * scale[channel])
                    }
                }
            }
        }
        preNorm = try reader.norm("vision_model.pre_layernorm", width: width, epsilon: configuration.vision.epsilon)
        imageSize = configuration.imageSize
        patchSize = patch
        patches = configuration.patches
    }

    var byteCount: Int { projection.byteCount }

    /// Rows of scratch that `embed` needs: one frame's patches.
    func makeScratch(_ arena: FloatArena) -> Rows { arena.makeRows(patches, width: projection.inputs) }

    /// One frame: pixels [S, S, 3] bytes → x [N, D].
    func embed(_ x: Rows, pixels: UnsafePointer<UInt8>, scratch: Rows, team: ComputeTeam) {
        embeddings(x, pixels: pixels, scratch: scratch, team: team)
        layerNorm(x, x, preNorm, team: team)
    }

    /// The embeddings before the pre-LayerNorm. [N, D]
    func embeddings(_ x: Rows, pixels: UnsafePointer<UInt8>, scratch: Rows, team: ComputeTeam) {
        base.withUnsafeBufferPointer { base in
            for token in 0..<x.count {
                for column in 0..<x.width { x[token][column] = base[token * x.width + column] }
            }
        }
        patchRows(
            scratch,
            pixels: pixels,
            pictures: 1,
            height: imageSize,
            width: imageSize,
            patch: patchSize,
            team: team
        )
        linear(x[1..<x.count], scratch, projection, accumulate: true, team: team)
    }

    /// The class token as it leaves the pre-LayerNorm: the same for every frame.
    func classToken(into x: Rows, team: ComputeTeam) {
        for column in 0..<x.width { x[0][column] = base[column] }
        layerNorm(x, x, preNorm, team: team)
    }
}
