package import Checkpoints
import Foundation
package import Kernels
import System
package import XCLIP

/// Keeps the int8 matrices of models as they were packed: the next start reads a quarter of the bytes and packs none.
///
/// A file is named after a digest of all that its contents depend on, so it is never stale. A cache that cannot be written or
/// read only costs time.
package struct PackedCache: Sendable {
    /// The newest files that are kept. That of a large model has 430 MB.
    private static let mostFiles = 3
    /// What is packed within milliseconds is not kept.
    package static let leastBytes = 16 << 20
    private static let suffix = ".packed"

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
        var place = ContentDigest()
        place.add("\(URL(filePath: model).resolvingSymlinksInPath().path) \(backend)")
        var contents = ContentDigest()
        contents.add("\(identity) \(backend) ")
        contents.add(Self.sample(of: backend))
        let key = contents.finishBytes()
        let name = place.finish().prefix(16) + "-" + key.map { String(format: "%02x", $0) }.joined()
        return PackedFile(path: "\(directory)/\(name)\(Self.suffix)", key: key)
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
            guard matrices.reduce(0, { $0 + $1.count }) >= leastBytes else { return false }
            try? FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            return (try? file.write(matrices)) != nil
        }
        if isWritten { removeOld(beside: (file.path as NSString).lastPathComponent) }
    }

    /// Removes what the model's other weights left, all but the newest files, and drafts that a crash left.
    private func removeOld(beside name: String) {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let ages = found.filter { $0 != name && $0.contains(Self.suffix) }.map { other in
            var status = stat()
            stat("\(directory)/\(other)", &status)
            return (name: other, age: time(nil) - status.st_mtim.tv_sec)
        }
        let model = name.prefix { $0 != "-" } + "-"
        let others = ages.filter { $0.name.hasSuffix(Self.suffix) && !$0.name.hasPrefix(model) }.sorted {
            $0.age < $1.age
        }
        let kept = Set(others.prefix(Self.mostFiles - 1).map(\.name))
        for (other, age) in ages where !kept.contains(other) && (other.hasSuffix(Self.suffix) || age > 3600) {
            unlink("\(directory)/\(other)")
        }
    }
}
