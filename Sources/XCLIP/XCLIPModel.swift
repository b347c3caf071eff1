package import Checkpoints
import Foundation
package import Frames
package import Kernels

/// An X-CLIP model's vision side and heads (Ni et al. 2022), laid out for the kernels of this processor; never changes.
package struct XCLIPModel: Sendable {
    /// What events call the model: the directory's last path component, unless it was given another.
    package let name: String
    package let configuration: XCLIPConfiguration
    package let preprocessing: Preprocessing
    package let backend: KernelBackend
    /// How steps may be scored at `cached` and `sweep`: `int8` is beside floats, which exact passes compute in.
    package let precision: Precision
    let vision: VisionWeights
    let integration: IntegrationTransformer
    let prompts: PromptGenerator
    /// exp(logit_scale)
    package let scale: Float

    /// Reads a Hugging Face checkpoint directory: config.json, preprocessor_config.json, model.safetensors or
    /// pytorch_model.bin.
    ///
    /// - Parameters:
    ///   - frames: of a window; nil for as many as the model was trained for.
    ///   - precision: what steps are scored in.
    ///   - hasFloats: whether anything will be computed in floats, as exact passes are. In `int8` that needs the weights once
    ///     more; `readFloats` reads them later.
    ///   - packed: the file that may hold what the vision blocks of this checkpoint have in int8, packed.
    /// - Throws: `CheckpointError` that names the file, the tensor and the shape that was wanted.
    package init(
        directory: String,
        name: String? = nil,
        frames: Int? = nil,
        precision: Precision = .float32,
        hasFloats: Bool = true,
        backend: KernelBackend = .best,
        packed: (Checkpoint) -> PackedFile? = { _ in nil }
    ) throws(CheckpointError) {
        let directory = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        guard FileManager.default.fileExists(atPath: directory) else {
            throw CheckpointError(
                .notFound,
                at: directory,
                "no such directory; give one with a Hugging Face X-CLIP checkpoint"
            )
        }
        let file = directory + "/config.json"
        let configuration = try XCLIPConfiguration(path: file).with(frames: frames, path: file)
        let preprocessing = try Preprocessing(directory: directory, imageSize: configuration.imageSize)
        let checkpoint = try Checkpoint(directory: directory)
        let reader = WeightReader(file: checkpoint, backend: backend, packed: packed(checkpoint))
        try self.init(
            name: name ?? (directory as NSString).lastPathComponent,
            configuration: configuration,
            preprocessing: preprocessing,
            precision: precision,
            hasFloats: hasFloats,
            reader: reader
        )
    }

    init(
        name: String,
        configuration: XCLIPConfiguration,
        preprocessing: Preprocessing,
        precision: Precision = .float32,
        hasFloats: Bool = true,
        reader: WeightReader
    ) throws(CheckpointError) {
        self.name = name
        self.configuration = configuration
        self.preprocessing = preprocessing
        backend = reader.backend
        self.precision = precision
        vision = try VisionWeights(
            configuration: configuration,
            preprocessing: preprocessing,
            precision: precision,
            hasFloats: hasFloats,
            reader: reader
        )
        integration = try IntegrationTransformer(configuration: configuration, reader: reader)
        prompts = try PromptGenerator(configuration: configuration, reader: reader)
        scale = Float(exp(Double(try reader.floats("logit_scale", shape: [])[0])))
    }

    /// Whether anything can be computed in floats.
    package var hasFloats: Bool { !vision.floats.all.isEmpty }

    /// Reads what is computed in floats, beside what is in int8.
    ///
    /// - Parameters:
    ///   - directory: the one that the model was read from.
    ///   - check: throws if its files have changed since; called once they have been read.
    /// - Throws: `CheckpointError` that names the file, the tensor and the shape that was wanted.
    package func readFloats(directory: String, check: () throws -> Void) throws {
        let reader = WeightReader(file: try Checkpoint(directory: directory), backend: backend)
        let blocks = try VisionWeights.blocks(configuration.vision, reader: reader)
        try check()
        vision.floats.fill(blocks)
    }

    /// Calls `body` with what the vision blocks have in int8, packed, in the order in which it was read.
    package func withPackedMatrices<Result>(_ body: ([UnsafeRawBufferPointer]) throws -> Result) rethrows -> Result {
        let matrices = vision.blocks.flatMap(\.linears).filter { $0.storage == .int8 }
        return try withExtendedLifetime(matrices) { try body(matrices.map(\.packedBytes)) }
    }

    /// Whether steps can be scored as `choice` has it.
    package func offers(_ choice: PrecisionChoice) -> Bool {
        precision == .int8 || choice.precision(on: backend) == .float32
    }

    /// How a decoded picture becomes the model's input.
    package var transform: InputTransform { preprocessing.transform }

    /// A team of threads with scratch memory for this model.
    package func makeTeam(threads: Int) -> ComputeTeam {
        let vision = configuration.vision
        let shapes = [
            (vision.width / vision.heads, max(configuration.tokens + 1, configuration.frames)),
            (configuration.embedding / configuration.integration.heads, configuration.frames),
            (configuration.embedding / configuration.promptHeads, configuration.patches),
        ]
        let scratch = shapes.map { Attention.scratchFloats(headWidth: $0.0, keys: $0.1, backend: backend) }.max() ?? 0
        return ComputeTeam(threads: threads, backend: backend, scratchFloats: scratch)
    }

    /// Bytes of the vision encoder's weights as they lie in memory.
    package var visionByteCount: Int { vision.stepByteCount + exactByteCount }
    /// Of these, bytes of weights that only exact passes read.
    package var exactByteCount: Int {
        precision == .float32 ? 0 : vision.floats.all.reduce(0) { $0 + $1.byteCount }
    }
}
