import Checkpoints
import Foundation

/// The names of the files in a model's directory, with those of the shards that an index names: a shard may lie in a
/// folder, and have any ending.
struct ModelFileNames {
    /// Sorted.
    let all: [String]
    /// Sorted. Those that hold weights, or may.
    let weights: [String]

    init(_ directory: String) {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let shards = Checkpoint.shardNames(in: directory)
        all = shards.union(found).sorted()
        weights = all.filter { $0.hasSuffix(".safetensors") || $0.hasSuffix(".bin") || shards.contains($0) }
    }
}
