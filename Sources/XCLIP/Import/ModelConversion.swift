package import Checkpoints
import Foundation

/// Makes a checkpoint directory that this program reads out of what models are published as: a Hugging Face directory
/// or file (safetensors or PyTorch, whole or in shards), or the authors' `.pth`.
///
/// All is checked before anything is written, and written beside the output before it gets its name: there is either a
/// whole model or none.
package struct ModelConversion {
    package enum Precision: String, Sendable, CaseIterable {
        case keep, float16, bfloat16

        /// Vectors and scalars are a thousandth of the bytes and keep their precision.
        func type(of tensor: Tensor) -> TensorType {
            switch self {
            case .keep: tensor.type
            case .float16: tensor.shape.count < 2 ? tensor.type : .float16
            case .bfloat16: tensor.shape.count < 2 ? tensor.type : .bfloat16
            }
        }
    }

    package struct Report: Sendable {
        package let configuration: XCLIPConfiguration
        package let tensors: Int
        /// Bytes of the weights.
        package let byteCount: Int
        /// Tensors of the input that an X-CLIP model does not have.
        package let leftOut: [String]
        /// The sizes come from the shapes: there was no config.json.
        package let isInferred: Bool
    }

    private let input: String
    private let output: String
    private let tokenizer: String?
    private let precision: Precision

    /// `tokenizer`: a directory, or tokenizer.json or vocab.json; nil where it lies beside the input.
    package init(input: String, output: String, tokenizer: String? = nil, precision: Precision = .keep) {
        self.input = input
        self.output = output.count > 1 && output.hasSuffix("/") ? String(output.dropLast()) : output
        self.tokenizer = tokenizer
        self.precision = precision
    }

    /// `progress` gets the tensors written and all of them.
    ///
    /// - Throws: `CheckpointError` that names the file, the tensor and what would help.
    package func run(progress: (Int, Int) -> Void = { _, _ in }) throws(CheckpointError) -> Report {
        let files = try SourceFiles(input: input, tokenizer: tokenizer)
        try checkOutput()
        let checkpoint = try Self.underHuggingFaceNames(files.checkpoint())
        let isInferred = files.configuration == nil
        let values =
            if let stated = files.configuration { stated } else { try InferredConfiguration(checkpoint).json() }
        let path = isInferred ? checkpoint.path : files.directory + "/config.json"
        let configuration = try XCLIPConfiguration(file: JSONFile(path: path, values: values))
        let tensors = try weights(of: configuration, in: checkpoint)
        try checkTokenizer(files, configuration)

        let stage = output + ".incomplete-\(getpid())"
        do throws(CheckpointError) {
            try writing { try FileManager.default.createDirectory(atPath: stage, withIntermediateDirectories: true) }
            try write(tensors, to: stage + "/model.safetensors", progress: progress)
            try writing {
                try Self.writeJSON(named(values), to: stage + "/config.json")
                try files.copy(to: stage, imageSize: configuration.imageSize)
                if FileManager.default.fileExists(atPath: output) { try FileManager.default.removeItem(atPath: output) }
                try FileManager.default.moveItem(atPath: stage, toPath: output)
            }
        } catch {
            try? FileManager.default.removeItem(atPath: stage)
            throw error
        }
        let names = Set(tensors.map(\.name))
        return Report(
            configuration: configuration,
            tensors: tensors.count,
            byteCount: tensors.reduce(0) { $0 + $1.count * precision.type(of: $1).bytes },
            leftOut: (Array(checkpoint.tensors.keys) + checkpoint.others.keys).filter { !names.contains($0) }.sorted(),
            isInferred: isInferred
        )
    }

    private static func underHuggingFaceNames(_ checkpoint: Checkpoint) throws(CheckpointError) -> Checkpoint {
        AuthorsNames.describe(checkpoint) ? try AuthorsNames.huggingFace(checkpoint) : checkpoint
    }

    /// An empty directory is as good as none; anything else is not written over.
    private func checkOutput() throws(CheckpointError) {
        guard FileManager.default.fileExists(atPath: output) else { return }
        guard let contents = try? FileManager.default.contentsOfDirectory(atPath: output), contents.isEmpty else {
            throw CheckpointError(.unreadable, at: output, "is there already; name another directory or remove it")
        }
    }

    /// Every weight of the model, in the order of the configuration; all of them finite, and so in the new precision.
    private func weights(
        of configuration: XCLIPConfiguration,
        in checkpoint: Checkpoint
    ) throws(CheckpointError) -> [Tensor] {
        var tensors: [Tensor] = []
        for wanted in configuration.tensors {
            tensors.append(try checkpoint.tensor(wanted.name, shape: wanted.shape).named(wanted.name))
        }
        for tensor in tensors {
            let greatest: Float = precision.type(of: tensor) == .float16 ? 65504 : .greatestFiniteMagnitude
            guard tensor.floats().allSatisfy({ abs($0) <= greatest }) else {
                throw CheckpointError(
                    .malformed,
                    at: "\(checkpoint.path): tensor \(tensor.name)",
                    precision == .float16
                        ? "holds values that float16 cannot; convert to bfloat16"
                        : "holds values that are no numbers; the file is damaged or its training failed"
                )
            }
        }
        return tensors
    }

    private func checkTokenizer(_ files: SourceFiles, _ configuration: XCLIPConfiguration) throws(CheckpointError) {
        let tokenizer = try Tokenizer(directory: files.tokenizerDirectory)
        guard tokenizer.highestToken < configuration.vocabulary else {
            throw CheckpointError(
                .malformed,
                at: files.tokenizerDirectory,
                "the tokenizer has a token \(tokenizer.highestToken), the model \(configuration.vocabulary) tokens; "
                    + "they belong to different models"
            )
        }
    }

    private func write(
        _ tensors: [Tensor],
        to path: String,
        progress: (Int, Int) -> Void
    ) throws(CheckpointError) {
        let writer = try SafetensorsWriter(
            path: path,
            tensors: tensors.map { ($0.name, $0.shape, precision.type(of: $0)) }
        )
        for (index, tensor) in tensors.enumerated() {
            progress(index, tensors.count)
            try writer.write(tensor)
        }
        try writer.close()
    }

    /// The configuration with the new type's name, under the key of newer transformers and, where it is used, the older.
    private func named(_ values: [String: Any]) -> [String: Any] {
        guard precision != .keep else { return values }
        var values = values
        values["dtype"] = precision.rawValue
        if values["torch_dtype"] != nil { values["torch_dtype"] = precision.rawValue }
        return values
    }

    private func writing(_ body: () throws -> Void) throws(CheckpointError) {
        do { try body() } catch let error as CheckpointError { throw error } catch {
            throw CheckpointError(.unreadable, at: output, "cannot be written: \(error.localizedDescription)")
        }
    }

    static func writeJSON(_ values: [String: Any], to path: String) throws {
        let data = try JSONSerialization.data(withJSONObject: values, options: [.prettyPrinted, .sortedKeys])
        try data.write(to: URL(fileURLWithPath: path))
    }
}
