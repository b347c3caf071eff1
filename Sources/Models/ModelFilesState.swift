import System

/// The state of the files that a model is loaded from, held against what they are later: the texts of a new stream are
/// encoded from the same files, and must not come from another model.
///
/// Devices, inodes, sizes and times are compared, not contents: reading gigabytes at each reload would take seconds.
struct ModelFilesState: Equatable, Sendable {
    private let files: [String: FileState]

    /// Beside the weights.
    private static let names: Set<String> = [
        "config.json", "preprocessor_config.json", "processor_config.json", "tokenizer.json", "vocab.json",
        "merges.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "model.safetensors.index.json", "pytorch_model.bin.index.json",
    ]

    init(directory: String) {
        let names = ModelFileNames(directory)
        var files: [String: FileState] = [:]
        for name in names.all.filter(Self.names.contains) + names.weights {
            files[name] = FileState(path: directory + "/" + name)
        }
        self.files = files
    }

    /// A file that has changed, come or gone; nil if there is none.
    func difference(from other: ModelFilesState) -> String? {
        Set(files.keys).union(other.files.keys).sorted().first { files[$0] != other.files[$0] }
    }

    /// Bytes of the weights.
    static func weightBytes(in directory: String) -> Int {
        ModelFileNames(directory).weights.reduce(0) { total, name in
            total + ((try? RegularFile(directory + "/" + name).byteCount) ?? 0)
        }
    }
}
