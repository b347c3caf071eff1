import Foundation
import System

/// A digest of a model's settings, and of the size and samples of its weights. Further training changes weights everywhere,
/// and reading gigabytes at each start would take seconds.
enum ModelDigest {
    static func of(_ directory: String) -> String {
        var digest = ContentDigest()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names.sorted() where [".json", ".safetensors", ".bin"].contains(where: name.hasSuffix) {
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
