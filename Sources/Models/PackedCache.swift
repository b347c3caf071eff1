package import Checkpoints
import Foundation
package import Kernels
import System
package import XCLIP

/// Keeps the int8 matrices of models as they were packed, and the embeddings of texts: the next start reads a quarter of the
/// bytes, packs none, and needs no text encoder.
///
/// A file is named after a digest of all that its contents depend on, so it is never stale. A cache that cannot be written or
/// read only costs time.
package struct PackedCache: Sendable {
    /// The newest files with an ending that are kept. The matrices of a large model have 430 MB, the texts of a stream 0.1 MB.
    private static let mostFiles = [packed: 3, texts: 64]
    private static let packed = "packed"
    private static let texts = "texts"
    /// What is packed within milliseconds is not kept, nor is anything of a model with smaller weights.
    package static let leastBytes = 16 << 20

    private let directory: String
    private let leastBytes: Int

    package init(directory: String, leastBytes: Int = PackedCache.leastBytes) {
        self.directory = directory
        self.leastBytes = leastBytes
    }

    /// The service's or the user's; nil if neither is known.
    package static var own: PackedCache? {
        CacheDirectory.path(ProcessInfo.processInfo.environment).map { PackedCache(directory: $0 + "/packed") }
    }

    /// The file for a checkpoint; nil if nothing names its contents (`Checkpoint.identity`).
    ///
    /// - Parameter model: the model's directory, whose older files are removed once this one is written.
    package func file(for checkpoint: Checkpoint, of model: String, backend: KernelBackend) -> PackedFile? {
        guard let identity = checkpoint.identity else { return nil }
        var contents = ContentDigest()
        contents.add("\(identity) \(backend) ")
        contents.add(Self.sample(of: backend))
        return file(contents, of: model, backend, Self.packed)
    }

    /// The file for the embeddings of texts; nil if nothing names what they are made of: the model's files and this program.
    func file(for texts: [String], of model: String, backend: KernelBackend) -> PackedFile? {
        guard ModelFilesState.weightBytes(in: model) >= leastBytes, let versions = Self.versions(in: model) else {
            return nil
        }
        var contents = ContentDigest()
        contents.add("\(versions)\(backend) \(texts)")
        return file(contents, of: model, backend, Self.texts)
    }

    private func file(
        _ contents: consuming ContentDigest,
        of model: String,
        _ backend: KernelBackend,
        _ ending: String
    ) -> PackedFile {
        var place = ContentDigest()
        place.add("\(URL(filePath: model).resolvingSymlinksInPath().path) \(backend)")
        let key = contents.finishBytes()
        let name = place.finish().prefix(16) + "-" + key.map { String(format: "%02x", $0) }.joined()
        return PackedFile(path: "\(directory)/\(name).\(ending)", key: key)
    }

    /// The versions of this program and of every file in a directory; nil if one has changed so shortly before that a further
    /// change might not show.
    private static func versions(in directory: String) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        var versions = ""
        for path in names.sorted().map({ "\(directory)/\($0)" }) + ["/proc/self/exe"] {
            guard let version = try? RegularFile(path).version else { continue }
            guard version.isSettled else { return nil }
            versions += "\(path)\n\(version)\n"
        }
        return versions
    }

    /// A small matrix, packed: another layout or another rounding in another version of this program makes other bytes of it.
    private static func sample(of backend: KernelBackend) -> [UInt8] {
        let (inputs, outputs) = (131, 67)
        let matrix = Linear(inputs: inputs, outputs: outputs, bias: nil, storage: .int8, backend: backend) {
            (rows: Range<Int>, floats: UnsafeMutableBufferPointer<Float>) in
            for place in floats.indices {
                floats[place] = Float((rows.lowerBound * inputs + place) * 7919 % 1009 - 504)
            }
        }
        return withExtendedLifetime(matrix) { Array(matrix.packedBytes) }
    }

    /// Writes the file, unless the model was read from it.
    package func keep(_ file: PackedFile, of model: XCLIPModel) {
        guard !file.isComplete else { return }
        let isWritten = model.withPackedMatrices { matrices in
            matrices.reduce(0) { $0 + $1.count } >= leastBytes && write(matrices, to: file)
        }
        // What the model's other weights left is of no use.
        if isWritten { removeOld(beside: file) { old, new in old.prefix { $0 != "-" } == new.prefix { $0 != "-" } } }
    }

    /// Writes the file, whose embeddings were asked for and not found.
    func keep(_ file: PackedFile, _ embeddings: LabelEmbeddings) {
        if embeddings.values.withUnsafeBytes({ write([$0], to: file) }) { removeOld(beside: file) { _, _ in false } }
    }

    private func write(_ matrices: [UnsafeRawBufferPointer], to file: PackedFile) -> Bool {
        try? FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        return (try? file.write(matrices)) != nil
    }

    /// Removes what a file makes useless, all but the newest with its ending, and drafts that a crash left.
    private func removeOld(beside file: PackedFile, _ isUseless: (_ old: String, _ new: String) -> Bool) {
        let path = file.path as NSString
        let (name, ending) = (path.lastPathComponent, path.pathExtension)
        let found = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let ages = found.filter { $0 != name && $0.contains(".\(ending)") }.map { other in
            var status = stat()
            stat("\(directory)/\(other)", &status)
            return (name: other, age: time(nil) - status.st_mtim.tv_sec)
        }
        let others = ages.filter { $0.name.hasSuffix(".\(ending)") && !isUseless($0.name, name) }.sorted {
            $0.age < $1.age
        }
        let kept = Set(others.prefix((Self.mostFiles[ending] ?? 1) - 1).map(\.name))
        for (other, age) in ages where !kept.contains(other) && (other.hasSuffix(".\(ending)") || age > 3600) {
            unlink("\(directory)/\(other)")
        }
    }
}

extension PackedFile {
    /// The embeddings of texts, if the file has them. [K, E].
    func embeddings(of texts: [String], width: Int) -> LabelEmbeddings? {
        var values = [Float](repeating: 0, count: texts.count * width)
        let isRead = values.withUnsafeMutableBytes { read("texts", into: $0) }
        return isRead ? LabelEmbeddings(texts: texts, width: width, values: values) : nil
    }
}
