import Foundation
import System

/// The files of a repository that make up a model.
enum ModelFiles {
    /// The first that exists is used.
    static let weights = [
        "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
    ]
    /// One of these must exist. Both are fetched: newer transformers keep everything in the first, older ones only a name.
    static let preprocessor = ["processor_config.json", "preprocessor_config.json"]
    /// One of these sets must exist.
    static let tokenizers = [["tokenizer.json"], ["vocab.json", "merges.txt"]]
    /// Optional files: those that add tokens or name them, and the model's own defaults.
    static let others = ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "watchword.json"]

    static func isIndex(_ file: String) -> Bool { file.hasSuffix(".index.json") }

    /// The files that an index of shards names, each once.
    ///
    /// - Throws: `ModelHubError` if it is not an index, or names a file that is not beside it.
    static func shards(ofIndex path: String) throws(ModelHubError) -> [String] {
        struct Index: Decodable { let weight_map: [String: String] }
        guard let bytes = try? RegularFile.contents(of: path, limit: 4 << 20),
            let index = try? JSONDecoder().decode(Index.self, from: Data(bytes))
        else { throw ModelHubError(.unexpected, "\(path): not an index of shards: no object weight_map of strings") }
        let shards = Set(index.weight_map.values).sorted()
        for shard in shards {
            let isPlain = shard.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/\\?#%".utf8.contains($0) }
            guard isPlain, !shard.hasPrefix("."), shard.utf8.count <= 200, !shard.hasSuffix(".json") else {
                throw ModelHubError(
                    .unexpected,
                    "\(path): \(shard.debugDescription) is not the name of a shard beside it"
                )
            }
        }
        return shards
    }

    /// The `model_type` of a `config.json`; nil if the file has none.
    static func type(ofConfiguration path: String) -> String? {
        guard let bytes = try? RegularFile.contents(of: path, limit: 1 << 20),
            let values = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]
        else { return nil }
        return values["model_type"] as? String
    }
}
