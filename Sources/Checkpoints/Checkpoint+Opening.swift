import Foundation

extension Checkpoint {
    /// The names of a directory's weights. The first that exists is used.
    static let fileNames = [
        "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
    ]

    /// The weights of a Hugging Face directory: safetensors before PyTorch archives, one file before shards.
    package init(directory: String) throws(CheckpointError) {
        for name in Self.fileNames where FileManager.default.fileExists(atPath: directory + "/" + name) {
            self = try Checkpoint(file: directory + "/" + name)
            return
        }
        throw CheckpointError(
            .notFound,
            at: directory + "/model.safetensors",
            "no such file, and no pytorch_model.bin either; put the checkpoint's weights there"
        )
    }

    /// The weights of one file, or of the shards that an index names. The first bytes decide the format.
    package init(file path: String) throws(CheckpointError) {
        if path.hasSuffix(".index.json") {
            self = try ShardIndex(path: path).checkpoint()
            return
        }
        let file = try CheckpointFile(path: path)
        let isArchive = try PyTorchArchive.isOne(file)
        self = isArchive ? try PyTorchArchive(file: file).checkpoint() : try SafetensorsFile(file: file).checkpoint
    }
}
