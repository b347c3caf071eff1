import Kernels
import Testing

@testable import XCLIP

/// Windows of another number of frames than the model was trained for, compared with PyTorch and transformers
/// (Tests/Reference/frames.py).
@Suite struct FramesTests {
    private let golden: Golden.Tensors

    init() throws { golden = try Golden.Tensors("frames") }

    @Test(arguments: [2, 3, 7])
    func positionsAreInterpolatedAsByPyTorch(frames: Int) throws {
        let model = try Golden.model()
        let (width, trained) = (model.configuration.embedding, model.configuration.trainedFrames)
        #expect(trained == 4 && frames != trained)
        let positions = try Golden.reader(.best).floats("mit.position_embedding", shape: [1, trained, width])
        let ours = FramePositions.interpolated(positions, width: width, to: frames)
        #expect(distance(ours, try golden.floats("positions_\(frames)", shape: [frames, width])) < 1e-6)
        #expect(FramePositions.interpolated(positions, width: width, to: trained) == positions)
    }

    @Test(arguments: [2, 3, 7])
    func logitsMatchTransformers(frames: Int) throws {
        let model = try XCLIPModel(directory: Golden.tiny, frames: frames)
        #expect(model.configuration.frames == frames)
        let labels = try TextEncoder(of: model, directory: Golden.tiny).encode(Golden.labels(), threads: 1)
        let stream = Stream(model: model, labels: labels, keepsBlockZero: true)
        let logits = stream.exactLogits(try Golden.bytes("frames", "pixels_\(frames)"))
        #expect(distance(logits, try golden.floats("logits_\(frames)", shape: [labels.count])) < 1e-4)
    }
}
