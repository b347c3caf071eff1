import Foundation

/// The index of a checkpoint in several files: the file of each tensor (`*.index.json` of Hugging Face).
struct ShardIndex {
    private let path: String
    private let weightMap: [String: String]

    private struct Contents: Decodable { let weight_map: [String: String] }

    /// Far larger than the index of any model.
    private static let maximumBytes = 4 << 20

    init(path: String) throws(CheckpointError) {
        self.path = path
        let bytes = try CheckpointFile.contents(of: path, limit: Self.maximumBytes)
        guard let contents = try? JSONDecoder().decode(Contents.self, from: Data(bytes)) else {
            throw CheckpointError(.malformed, at: path, "not an index of shards: no object weight_map of strings")
        }
        weightMap = contents.weight_map
    }

    /// The names of the shards, as far as they are names beside the index.
    var names: Set<String> { Set(weightMap.values.filter(Self.isName)) }

    private static func isName(_ shard: String) -> Bool {
        let parts = shard.split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") } && !shard.contains("\0")
            && !shard.hasSuffix(".json")
    }

    /// The tensors of all shards, each from the shard that the index names for it.
    func checkpoint() throws(CheckpointError) -> Checkpoint {
        var shards: [String: Checkpoint] = [:]
        var tensors: [String: Tensor] = [:]
        var others: [String: String] = [:]
        for (name, shard) in weightMap.sorted(by: { $0.key < $1.key }) {
            guard Self.isName(shard) else {
                throw CheckpointError(
                    .malformed,
                    at: path,
                    "\(shard.debugDescription) is not the name of a shard beside it"
                )
            }
            let checkpoint: Checkpoint
            if let open = shards[shard] {
                checkpoint = open
            } else {
                checkpoint = try Checkpoint(file: (path as NSString).deletingLastPathComponent + "/" + shard)
                shards[shard] = checkpoint
            }
            tensors[name] = checkpoint.tensors[name]
            others[name] = checkpoint.others[name]
            guard tensors[name] != nil || others[name] != nil else {
                throw CheckpointError(.missingTensor, at: path, "\(shard) holds no tensor \(name); download it again")
            }
        }
        return Checkpoint(path: path, tensors: tensors, others: others)
    }
}
