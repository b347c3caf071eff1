import Checkpoints
import Foundation

/// The files beside the weights of a model that is to be converted.
struct SourceFiles {
    /// The directory of the weights.
    let directory: String
    /// The directory of tokenizer.json, or of vocab.json and merges.txt.
    let tokenizerDirectory: String
    /// The contents of config.json; nil if there is none.
    let configuration: [String: Any]?
    private let weights: String?

    private static let tokenizerFiles = [
        "tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json",
    ]
    private static let preprocessorFiles = ["preprocessor_config.json", "processor_config.json"]
    private static let otherFiles = ["watchword.json"]

    /// Finds the files.
    ///
    /// - Parameters:
    ///   - input: a directory, a file of weights or an index of shards.
    ///   - tokenizer: a directory or one of its files; nil if it lies beside the input.
    /// - Throws: `CheckpointError` if a file is missing or config.json is not a JSON object.
    init(input: String, tokenizer: String?) throws(CheckpointError) {
        let isDirectory = try Self.isDirectory(input, "a checkpoint directory, a pytorch_model.bin or a .pth file")
        directory = isDirectory ? input : Self.parent(of: input)
        weights = isDirectory ? nil : input
        if let tokenizer {
            let isDirectory = try Self.isDirectory(tokenizer, "a directory with tokenizer.json, or the file itself")
            tokenizerDirectory = isDirectory ? tokenizer : Self.parent(of: tokenizer)
        } else {
            tokenizerDirectory = directory
        }
        configuration = try Self.configuration(in: directory)
        let tokenizers = ["tokenizer.json", "vocab.json"].map { [tokenizerDirectory] in tokenizerDirectory + "/" + $0 }
        guard tokenizers.contains(where: Self.exists) else {
            throw CheckpointError(
                .notFound,
                at: tokenizerDirectory,
                "no tokenizer.json or vocab.json; name CLIP's tokenizer with --tokenizer "
                    + "(the authors use tokenizer.json of openai/clip-vit-base-patch32 on Hugging Face)"
            )
        }
    }

    private static func configuration(in directory: String) throws(CheckpointError) -> [String: Any]? {
        let path = directory + "/config.json"
        guard exists(path) else { return nil }
        let bytes = try CheckpointFile.contents(of: path, limit: 1 << 20)
        guard let values = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any] else {
            throw CheckpointError(.malformed, at: path, "is not a JSON object")
        }
        return values
    }

    func checkpoint() throws(CheckpointError) -> Checkpoint {
        if let weights { return try Checkpoint(file: weights) }
        return try Checkpoint(directory: directory)
    }

    /// Copies all files except the weights and config.json. Without a preprocessor file, it writes that of the
    /// published models.
    func copy(to stage: String, imageSize: Int) throws {
        var files = Self.tokenizerFiles.map { (tokenizerDirectory, $0) }
        files += (Self.preprocessorFiles + Self.otherFiles).map { (directory, $0) }
        for (directory, name) in files where Self.exists(directory + "/" + name) {
            // Copy the contents: in Hugging Face's cache these files are links.
            let bytes = try CheckpointFile.contents(of: directory + "/" + name, limit: 32 << 20)
            try Data(bytes).write(to: URL(fileURLWithPath: stage + "/" + name))
        }
        if !Self.preprocessorFiles.contains(where: { Self.exists(stage + "/" + $0) }) {
            let values = InferredConfiguration.preprocessor(imageSize: imageSize)
            try ModelConversion.writeJSON(values, to: stage + "/preprocessor_config.json")
        }
    }

    private static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private static func isDirectory(_ path: String, _ wanted: String) throws(CheckpointError) -> Bool {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw CheckpointError(.notFound, at: path, "no such file or directory; name \(wanted)")
        }
        return isDirectory.boolValue
    }

    /// The parent directory; `.` for a bare name.
    private static func parent(of path: String) -> String {
        let parent = (path as NSString).deletingLastPathComponent
        return parent.isEmpty ? "." : parent
    }
}
