import Checkpoints
import Foundation
import Kernels
import System
import XCLIP

/// Keeps the int8 matrices of models as they were packed, and the embeddings of texts: the next start reads a quarter of the
/// bytes, packs none, and needs no text encoder.
///
/// A file is named after a digest of what its contents depend on: times, sizes and samples of the files that they are
/// made from. So it is stale only if such a file changed with all three the same, which takes a file system without
/// times of changes (`FileVersion`) and a change between the samples. A cache that cannot be written or read only costs
/// time.
package struct PackedCache: Sendable {
    /// What is packed within milliseconds is not kept, nor is anything of a model with smaller weights.
    package static let leastBytes = 16 << 20

    let packed: CacheFiles
    let texts: CacheFiles
    let leastBytes: Int
    /// Gets a line for people if something cannot be kept.
    let report: @Sendable (String) -> Void

    var directory: String { packed.directory }

    package init(
        directory: String,
        leastBytes: Int = PackedCache.leastBytes,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        packed = CacheFiles(directory: directory, ending: "packed")
        texts = CacheFiles(directory: directory, ending: "texts")
        self.leastBytes = leastBytes
        self.report = report
    }

    /// The service's or the user's; nil if neither is known.
    package static func own(report: @escaping @Sendable (String) -> Void = { _ in }) -> PackedCache? {
        CacheDirectory.path(ProcessInfo.processInfo.environment).map {
            PackedCache(directory: $0 + "/packed", report: report)
        }
    }

    /// The file for a checkpoint; nil if nothing names what it is made of: the checkpoint's files and this program.
    ///
    /// - Parameters:
    ///   - model: the model's directory, whose older files are removed before this one is written.
    ///   - digest: of samples of what is in it (`ModelDigest`).
    func file(for checkpoint: Checkpoint, of model: String, digest: String, backend: KernelBackend) -> PackedFile? {
        guard let identity = checkpoint.identity, let program = Self.program else { return nil }
        var contents = ContentDigest()
        contents.add("\(identity) \(digest) \(program) \(backend)")
        return file(contents, of: model, backend, in: packed)
    }

    /// The file for the embeddings of texts; nil if nothing names what they are made of: the model's files and this program.
    func file(for texts: [String], of model: String, digest: String, backend: KernelBackend) -> PackedFile? {
        guard ModelFilesState.weightBytes(in: model) >= leastBytes,
            let version = ModelVersion.of(model, digest: digest), let program = Self.program
        else { return nil }
        var contents = ContentDigest()
        contents.add("\(version) \(program) \(backend) \(texts)")
        return file(contents, of: model, backend, in: self.texts)
    }

    private func file(
        _ contents: consuming ContentDigest,
        of model: String,
        _ backend: KernelBackend,
        in files: CacheFiles
    ) -> PackedFile {
        var place = ContentDigest()
        place.add("\(URL(filePath: model).resolvingSymlinksInPath().path) \(backend)")
        return files.file(place.finish().prefix(16) + "-", key: contents.finishBytes())
    }

    /// The version of this program, with samples of it; nil if it has changed so shortly before that a further change might
    /// not show.
    private static var program: String? {
        guard let version = try? RegularFile("/proc/self/exe").version, version.isSettled else { return nil }
        return "\(version) \(samples)"
    }

    private static let samples: String = {
        var digest = ContentDigest()
        if let file = try? RegularFile("/proc/self/exe") { digest.addSamples(of: file) }
        return digest.finish()
    }()
}

extension PackedFile {
    /// The embeddings of texts, if the file has them. [K, E].
    func embeddings(of texts: [String], width: Int) -> LabelEmbeddings? {
        var values = [Float](repeating: 0, count: texts.count * width)
        let isRead = values.withUnsafeMutableBytes { read("texts", into: $0) }
        return isRead ? LabelEmbeddings(texts: texts, width: width, values: values) : nil
    }
}
