import System

/// A digest of a model's settings, and of the sizes and samples of its weights: the same for every copy of the model.
///
/// Further training changes weights everywhere, and so shows; to read gigabytes at each start would take seconds. A change
/// of a few matrices, such as a small adapter merged into them, may miss every sample. So what must never be stale goes by
/// `ModelVersion`.
enum ModelDigest {
    static func of(_ directory: String) -> String {
        var digest = ContentDigest()
        let names = ModelFileNames(directory)
        let weights = Set(names.weights)
        for name in names.all where name.hasSuffix(".json") || weights.contains(name) {
            guard let file = try? RegularFile(directory + "/" + name) else { continue }
            digest.add("\(name) \(file.byteCount) ")
            digest.addSamples(of: file)
        }
        return digest.finish()
    }
}

extension ContentDigest {
    /// All of a file up to 4 MiB, else 64 pieces of 64 KiB, spread evenly.
    mutating func addSamples(of file: borrowing RegularFile) {
        let (pieces, length) = (64, 1 << 16)
        let step = max(file.byteCount / pieces, length)
        for offset in stride(from: 0, to: file.byteCount, by: step) {
            if let piece = try? file.bytes(offset..<offset + length) { add(piece) }
        }
    }
}
