package import Checkpoints
import Foundation

/// Converts a published model to a checkpoint directory that this program reads.
///
/// The input is a Hugging Face directory or file (safetensors or PyTorch, in one piece or in shards), or the authors'
/// `.pth`. Everything is checked before anything is written. The output gets its name only when it is complete, so
/// there is either a whole model or none.
package struct ModelConversion {
    package enum Precision: String, Sendable, CaseIterable {
        case keep, float16, bfloat16

        /// The type in which a tensor is stored. Vectors and scalars keep their precision, because they are a
        /// thousandth of the bytes.
        func type(of tensor: Tensor) -> TensorType {
            switch self {
            case .keep: tensor.type == .float64 ? .float32 : tensor.type
            case .float16: tensor.shape.count < 2 ? Self.keep.type(of: tensor) : .float16
            case .bfloat16: tensor.shape.count < 2 ? Self.keep.type(of: tensor) : .bfloat16
            }
        }
    }

    package struct Report: Sendable {
        package let configuration: XCLIPConfiguration
        package let tensors: Int
        /// The bytes of the weights.
        package let byteCount: Int
        /// The names of the input's tensors that an X-CLIP model does not have.
        package let leftOut: [String]
        /// Whether the sizes were inferred from the shapes, because there was no config.json.
        package let isInferred: Bool
    }

    private let input: String
    private let output: String
    private let tokenizer: String?
    private let precision: Precision
    private let adapter: String?

    /// - Parameters:
    ///   - input: a directory, a file of weights or an index of shards.
    ///   - adapter: the directory of a LoRA adapter to merge into the input; nil for none.
    ///   - output: the directory to create; it must be absent or empty.
    ///   - tokenizer: a directory, a tokenizer.json or a vocab.json; nil if it lies beside the input.
    ///   - precision: the type to convert matrices to.
    package init(
        input: String,
        output: String,
        tokenizer: String? = nil,
        precision: Precision = .keep,
        adapter: String? = nil
    ) {
        self.input = input
        self.adapter = adapter
        self.output = output.count > 1 && output.hasSuffix("/") ? String(output.dropLast()) : output
        self.tokenizer = tokenizer
        self.precision = precision
    }

    /// Converts the model.
    ///
    /// - Parameter progress: receives the number of tensors written and the total.
    /// - Throws: `CheckpointError` with the file, the tensor and the remedy.
    package func run(progress: (Int, Int) -> Void = { _, _ in }) throws(CheckpointError) -> Report {
        let files = try SourceFiles(input: input, tokenizer: tokenizer)
        var adapter: LoRAAdapter?
        if let directory = self.adapter { adapter = try LoRAAdapter(directory: directory) }
        try Self.checkOutput(output)
        let checkpoint = try Self.underHuggingFaceNames(files.checkpoint())
        let isInferred = files.configuration == nil
        let values =
            if let stated = files.configuration { stated } else { try InferredConfiguration(checkpoint).json() }
        let path = isInferred ? checkpoint.path : files.directory + "/config.json"
        let configuration = try XCLIPConfiguration(file: JSONFile(path: path, values: values))
        let tensors = try weights(of: configuration, in: checkpoint)
        try checkTokenizer(files, configuration)
        try adapter?.check(tensors)

        let stage = output + ".incomplete-\(getpid())"
        do throws(CheckpointError) {
            try writing { try FileManager.default.createDirectory(atPath: stage, withIntermediateDirectories: true) }
            try write(tensors, adapter, to: stage + "/model.safetensors", progress: progress)
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

    /// Refuses an output that exists, unless it is an empty directory.
    package static func checkOutput(_ output: String) throws(CheckpointError) {
        guard FileManager.default.fileExists(atPath: output) else { return }
        guard let contents = try? FileManager.default.contentsOfDirectory(atPath: output), contents.isEmpty else {
            throw CheckpointError(.unreadable, at: output, "already exists; name another directory or remove it")
        }
    }

    /// Every weight of the model, in the order of the configuration. All values are finite and within the range of the
    /// new type.
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
            guard try tensor.floats().allSatisfy({ abs($0) <= greatest }) else {
                throw CheckpointError(
                    .malformed,
                    at: "\(checkpoint.path): tensor \(tensor.name)",
                    precision == .float16
                        ? "contains values outside the range of float16; convert to bfloat16"
                        : "contains values that are not finite; the file is damaged or its training failed"
                )
            }
        }
        return tensors
    }

    private func checkTokenizer(_ files: SourceFiles, _ configuration: XCLIPConfiguration) throws(CheckpointError) {
        let tokenizer = try Tokenizer(directory: files.tokenizerDirectory)
        try tokenizer.checkPadding()
        guard tokenizer.highestToken < configuration.vocabulary else {
            throw CheckpointError(
                .malformed,
                at: files.tokenizerDirectory,
                "the tokenizer has token \(tokenizer.highestToken), but the model has "
                    + "\(configuration.vocabulary) tokens; they belong to different models"
            )
        }
    }

    private func write(
        _ tensors: [Tensor],
        _ adapter: LoRAAdapter?,
        to path: String,
        progress: (Int, Int) -> Void
    ) throws(CheckpointError) {
        let writer = try SafetensorsWriter(
            path: path,
            tensors: tensors.map { ($0.name, $0.shape, precision.type(of: $0)) }
        )
        for (index, tensor) in tensors.enumerated() {
            progress(index, tensors.count)
            if let values = try adapter?.merged(tensor) {
                try writer.write(values)
            } else {
                try writer.write(tensor)
            }
        }
        try writer.close()
    }

    /// The configuration with the name of the new type: under the key of newer transformers and, if it is present,
    /// under the older key.
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
