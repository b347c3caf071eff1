package import Checkpoints
import Foundation

/// The files of a model's directory: which are read, and which are not and why. Also, where the model is read otherwise than
/// transformers would read it.
package struct ModelInventory: Sendable {
    package let preprocessing: Preprocessing
    package let tokenizer: Tokenizer
    /// The names of the files that are read.
    package let read: [String]
    package let ignored: [(name: String, reason: String)]
    /// What a training tool had put before the names of the weights; empty for nothing.
    package let prefix: String
    /// Tensors that an X-CLIP model does not have.
    package let unused: [String]
    /// What transformers would not do in the same way; empty if it scores alike.
    package let differences: [String]

    package init(directory: String, configuration: XCLIPConfiguration, checkpoint: Checkpoint) throws(CheckpointError) {
        preprocessing = try Preprocessing(directory: directory, imageSize: configuration.imageSize)
        tokenizer = try Tokenizer(directory: directory)
        prefix = checkpoint.prefix
        let wanted = Set(configuration.tensors.map(\.name))
        unused = (Array(checkpoint.tensors.keys) + checkpoint.others.keys).filter { !wanted.contains($0) }.sorted()
        let weights = (checkpoint.path as NSString).lastPathComponent
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
        let used = Set(["config.json", preprocessing.source, weights, "watchword.json"] + tokenizer.files)
        let isSharded = weights.hasSuffix(".index.json") || weights.contains("-of-")
        func isShard(_ name: String) -> Bool { isSharded && name.contains("-of-") }
        read = names.filter { used.contains($0) || isShard($0) }
        let source = preprocessing.source
        ignored = names.filter { !used.contains($0) && !isShard($0) }.map { name in
            (name, Self.reason(name, source: source, weights: weights))
        }
        var differences: [String] = []
        if !prefix.isEmpty { differences.append("it does not look for the weights under \(prefix)…") }
        if !FileManager.default.fileExists(atPath: directory + "/" + weights) || weights.contains("-of-") {
            differences.append("it asks for an index of the shards")
        }
        if checkpoint.tensors["logit_scale"]?.shape == [1] {
            differences.append("it refuses a logit_scale of shape [1]")
        }
        self.differences = differences
    }

    private static func reason(_ name: String, source: String, weights: String) -> String {
        if Preprocessing.fileNames.contains(name) {
            return source == "processor_config.json"
                ? "\(source) has an image_processor, which wins" : "it has no image_processor"
        }
        switch name {
        case "vocab.json", "merges.txt": return "tokenizer.json holds both"
        case "added_tokens.json", "special_tokens_map.json":
            return "tokenizer_config.json has an added_tokens_decoder, which wins"
        default: break
        }
        let formats = [
            ".safetensors", ".bin", ".safetensors.index.json", ".bin.index.json", ".pth", ".pt", ".h5", ".msgpack",
        ]
        return formats.contains { name.hasSuffix($0) } ? "\(weights) comes first" : "not part of the model"
    }

    /// Whether it scores as transformers does, in one line.
    package var verdict: String {
        differences.isEmpty
            ? "as transformers scores it"
            : "as transformers scores the plain model: \(differences.joined(separator: "; "))"
    }
}
