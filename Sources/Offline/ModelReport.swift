import Checkpoints
import Foundation
import Models
import Recognition
import Settings
import System
import XCLIP

/// The contents of a model directory and the cost of the model, for `model inspect`. Opens the files; loads no weights.
package struct ModelReport: Sendable {
    let directory: String
    let weightsFile: String
    let configuration: XCLIPConfiguration
    /// Parameters and bytes of the text encoder, and of the rest, which stays in memory.
    let text: Share
    let video: Share
    /// Tensors of each element type, the most frequent first.
    let types: [(name: String, tensors: Int)]
    /// exp(logit_scale): what a cosine is multiplied by.
    let logitScale: Double
    /// The seconds that the model's T frames were spread over in training, and whether the model says so itself.
    let window: (seconds: Double, isStated: Bool)
    let vocabulary: Int
    let inventory: ModelInventory

    struct Share: Sendable {
        var parameters = 0
        var bytes = 0
    }

    /// Kinetics' clips last about 10 s, and the authors of the published models spread T frames over the whole clip.
    private static let publishedWindow = 10.0

    /// - Throws: `CheckpointError` if a file, a tensor or a shape does not match the configuration, `OperationError` if the
    ///   model's own defaults are invalid.
    ///
    /// - Parameter frames: of a window; nil for as many as the model was trained for.
    package init(model name: String, frames: Int? = nil) throws {
        directory = try ModelLocation.directory(of: name)
        let file = directory + "/config.json"
        configuration = try XCLIPConfiguration(path: file).with(frames: frames, path: file)
        let checkpoint = try Checkpoint(directory: directory)
        weightsFile = (checkpoint.path as NSString).lastPathComponent
        var (text, video) = (Share(), Share())
        var types: [TensorType: Int] = [:]
        for wanted in configuration.tensors {
            let tensor = try checkpoint.tensor(wanted.name, shape: wanted.shape)
            types[tensor.type, default: 0] += 1
            if wanted.isText { text.add(tensor) } else { video.add(tensor) }
        }
        (self.text, self.video) = (text, video)
        self.types = types.sorted { ($0.value, $0.key.rawValue) > ($1.value, $1.key.rawValue) }.map {
            ($0.key.rawValue, $0.value)
        }
        logitScale = exp(Double(try checkpoint.tensor("logit_scale", shape: []).floats()[0]))
        let stated = try ModelDefaults.statedWindow(ofModel: directory)
        window = (stated?.seconds ?? Self.publishedWindow, stated != nil)
        inventory = try ModelInventory(directory: directory, configuration: configuration, checkpoint: checkpoint)
        vocabulary = inventory.tokenizer.vocabularySize
    }

    /// The bytes that one stream keeps between frames (see `FrameMemory`), without those for `confirm` and `audit`.
    func memoryPerStream(_ reuse: ReuseLevel) -> Int {
        let sizes = configuration
        let keysAndValues = (sizes.vision.layers - 1) * 2 * sizes.vision.width
        let own =
            switch reuse {
            case .exact: sizes.tokens * sizes.vision.width
            case .sweep: sizes.vision.width + (sizes.tokens + 1) * keysAndValues
            case .cached: 0
            }
        return sizes.frames * 4 * (own + keysAndValues + (1 + sizes.patches) * sizes.embedding)
    }
}

extension ModelReport.Share {
    fileprivate mutating func add(_ tensor: Tensor) {
        parameters += tensor.count
        bytes += tensor.byteCount
    }
}
