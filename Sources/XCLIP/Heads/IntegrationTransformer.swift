import Checkpoints
import Kernels

/// Multi-frame integration transformer (paper section 3.2): the window's class features in time order → one video embedding.
///
/// `+ position`, its blocks, `+ input` residual, mean over T. Checkpoint keys: mit.*
struct IntegrationTransformer: Sendable {
    private let positions: [Float]  // [T, E]
    let layers: [TransformerLayer]

    init(configuration: XCLIPConfiguration, reader: WeightReader) throws(CheckpointError) {
        let trained = try reader.floats(
            "mit.position_embedding",
            shape: [1, configuration.trainedFrames, configuration.embedding]
        )
        positions = FramePositions.interpolated(trained, width: configuration.embedding, to: configuration.frames)
        var layers: [TransformerLayer] = []
        for index in 0..<configuration.integration.layers {
            layers.append(
                try TransformerLayer("mit.encoder.layers.\(index).", tower: configuration.integration, reader: reader)
            )
        }
        self.layers = layers
    }

    /// - features: [T, E], oldest first; left as they are.
    /// - x: [T, E], worked in.
    /// - video: [1, E].
    func apply(_ video: Rows, features: Rows, x: Rows, scratch: LayerScratch, team: ComputeTeam) {
        let width = features.width
        x.copy(from: features)
        positions.withUnsafeBufferPointer { positions in
            for frame in 0..<x.count {
                for column in 0..<width { x[frame][column] += positions[frame * width + column] }
            }
        }
        for layer in layers { layer.apply(to: x, tokens: x.count, scratch: scratch, team: team) }
        video.fill(0)
        for frame in 0..<x.count {
            video.add(x[frame..<frame + 1], times: 1 / Float(x.count))
            video.add(features[frame..<frame + 1], times: 1 / Float(x.count))
        }
    }
}
