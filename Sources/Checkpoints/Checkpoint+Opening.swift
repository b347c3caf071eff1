import Foundation

extension Checkpoint {
    /// The names of a directory's weights. The first that exists is used.
    static let fileNames = [
        "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
    ]

    /// The weights of a Hugging Face directory: safetensors before PyTorch archives, one file before shards.
    ///
    /// - Throws: `CheckpointError` if there are none, or a LoRA adapter lies beside them: transformers would apply it.
    package init(directory: String) throws(CheckpointError) {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
        let place = directory + "/model.safetensors"
        guard !names.contains("adapter_config.json") else {
            throw CheckpointError(
                .unsupported,
                at: directory + "/adapter_config.json",
                "this is an adapter, which changes a model; make one model of the two: "
                    + "`watchword model convert DIR OUTPUT --base MODEL`"
            )
        }
        for name in Self.fileNames
        where names.contains(name) || FileManager.default.fileExists(atPath: directory + "/" + name) {
            self = try Checkpoint(file: directory + "/" + name)
            return
        }
        if let shards = try Self.shards(names, in: directory) {
            self = shards
            return
        }
        let hint = Self.foreign(names) ?? "put the checkpoint's weights there"
        throw CheckpointError(.notFound, at: place, "no such file, and no pytorch_model.bin either; \(hint)")
    }

    /// The weights of one file, or of the shards that an index names. The first bytes decide the format.
    package init(file path: String) throws(CheckpointError) {
        if path.hasSuffix(".index.json") {
            self = try ShardIndex(path: path).checkpoint().unwrapped()
            return
        }
        let file = try CheckpointFile(path: path)
        let head = try file.part(0..<GitLFS.signature.utf8.count)
        guard !GitLFS.isPointer(head[head.range]) else {
            throw CheckpointError(.unsupported, at: path, GitLFS.message)
        }
        let isArchive = try PyTorchArchive.isOne(file)
        let checkpoint =
            isArchive ? try PyTorchArchive(file: file).checkpoint() : try SafetensorsFile(file: file).checkpoint
        self = try checkpoint.unwrapped()
    }

    /// The shards that the indices in a directory name, as paths from there; none of an index that cannot be read.
    package static func shardNames(in directory: String) -> Set<String> {
        var names: Set<String> = []
        for name in fileNames where name.hasSuffix(".index.json") {
            if let index = try? ShardIndex(path: directory + "/" + name) { names.formUnion(index.names) }
        }
        return names
    }

    /// The weights of shards without an index, such as `model-00001-of-00002.safetensors`; nil if there are none.
    private static func shards(_ names: [String], in directory: String) throws(CheckpointError) -> Checkpoint? {
        guard let first = names.first(where: { $0.firstMatch(of: /-0*1-of-[0-9]+\.(safetensors|bin)$/) != nil }),
            let match = first.firstMatch(of: /^(.*)-([0-9]+)-of-([0-9]+)\.(safetensors|bin)$/),
            let count = Int(match.3),
            (1...9999).contains(count)
        else { return nil }
        var tensors: [String: Tensor] = [:]
        var others: [String: String] = [:]
        for number in 1...count {
            let digits = String(repeating: "0", count: max(0, match.2.count - "\(number)".count)) + "\(number)"
            let name = "\(match.1)-\(digits)-of-\(match.3).\(match.4)"
            guard names.contains(name) else {
                throw CheckpointError(.notFound, at: directory + "/" + name, "no such shard; copy or download it again")
            }
            let shard = try Checkpoint(file: directory + "/" + name)
            tensors.merge(shard.tensors) { _, new in new }
            others.merge(shard.others) { _, new in new }
        }
        return try Checkpoint(path: directory + "/" + first, tensors: tensors, others: others).unwrapped()
    }

    /// What to do with weights that another tool has left; nil if there are none.
    private static func foreign(_ names: [String]) -> String? {
        if names.contains(where: { $0.hasSuffix(".distcp") }) {
            return "join the parts with `python -m torch.distributed.checkpoint.format_utils dcp_to_torch DIR FILE`"
        }
        if names.contains("zero_to_fp32.py") || names.contains(where: { $0.hasPrefix("global_step") }) {
            return "join DeepSpeed's parts with `python zero_to_fp32.py . pytorch_model.bin`"
        }
        let suffixes = [".h5", ".msgpack", ".gguf", ".onnx", ".pt", ".pth", ".ckpt"]
        guard let name = names.first(where: { name in suffixes.contains { name.hasSuffix($0) } }) else { return nil }
        return [".pt", ".pth", ".ckpt"].contains { name.hasSuffix($0) }
            ? "convert \(name) with `watchword model convert`"
            : "\(name) is of another format; save the model with PyTorch"
    }
}

/// The small files that stand for large ones in a git repository without git-lfs.
package enum GitLFS {
    static let signature = "version https://git-lfs."
    package static let message =
        "this is only a Git LFS pointer to the file; fetch the file with `git lfs pull`, or the model with "
        + "`watchword model pull`"

    package static func isPointer(_ bytes: some Collection<UInt8>) -> Bool { bytes.starts(with: signature.utf8) }
}
