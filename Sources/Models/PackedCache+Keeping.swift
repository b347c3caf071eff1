import Checkpoints
import Foundation
import System
import XCLIP

extension PackedCache {
    /// The newest files with an ending that are kept. The matrices of a large model have 430 MB, the texts of a stream
    /// 0.1 MB.
    private static let mostFiles = [packed: 3, texts: 64]

    /// Removes the model's older files, then writes this one, unless the model was read from it.
    ///
    /// - Returns: why it could not be written.
    func keep(_ file: PackedFile.Draft, of model: XCLIPModel) -> Errno? {
        let place = name(file).prefix { $0 != "-" } + "-"
        removeUseless(beside: file) { $0.hasPrefix(place) }
        guard file.isNeeded else { return nil }
        return model.withPackedMatrices { matrices in
            matrices.reduce(0) { $0 + $1.count } < leastBytes ? nil : write(matrices, to: file)
        }
    }

    /// Writes the file, whose embeddings were asked for and not found.
    ///
    /// - Returns: why it could not be written.
    func keep(_ file: PackedFile.Draft, _ embeddings: LabelEmbeddings) -> Errno? {
        removeUseless(beside: file) { _ in false }
        return embeddings.values.withUnsafeBytes { write([$0], to: file) }
    }

    private func write(_ matrices: [UnsafeRawBufferPointer], to file: PackedFile.Draft) -> Errno? {
        do throws(Errno) {
            try Self.make(directory)
            try file.write(matrices)
        } catch {
            return error
        }
        removeOldest(beside: file)
        return nil
    }

    /// Makes a directory that only this user may read, with those that it lies in.
    private static func make(_ directory: String) throws(Errno) {
        guard mkdir(directory, 0o700) != 0 else { return }
        var error = Errno.last
        let parent = (directory as NSString).deletingLastPathComponent
        if error == Errno(ENOENT), !parent.isEmpty, parent != directory {
            try make(parent)
            if mkdir(directory, 0o700) == 0 { return }
            error = .last
        }
        guard error == Errno(EEXIST) else { throw error }
    }

    /// Removes what a file makes useless, and drafts that a crash left. Before it is written: a small disk has room for
    /// one.
    private func removeUseless(beside file: PackedFile.Draft, _ isUseless: (_ name: String) -> Bool) {
        for other in others(beside: file) {
            let path = "\(directory)/\(other.name)"
            if other.isDraft { PackedFile.Draft.removeAbandoned(path) } else if isUseless(other.name) { unlink(path) }
        }
    }

    /// Removes all but the newest files with its ending.
    private func removeOldest(beside file: PackedFile.Draft) {
        let whole = others(beside: file).filter { !$0.isDraft }.sorted {
            ($0.seconds, $0.nanoseconds) > ($1.seconds, $1.nanoseconds)
        }
        for other in whole.dropFirst((Self.mostFiles[ending(file)] ?? 1) - 1) { unlink("\(directory)/\(other.name)") }
    }

    /// A file or a draft in the directory, and when it was last written.
    private struct Other {
        let name: String
        let isDraft: Bool
        let seconds: Int
        let nanoseconds: Int
    }

    /// Those with the ending of a file, without the file itself.
    private func others(beside file: PackedFile.Draft) -> [Other] {
        let (own, ending) = (name(file), ".\(ending(file))")
        let found = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return found.filter { $0 != own && $0.contains(ending) }.map { name in
            var status = stat()
            stat("\(directory)/\(name)", &status)
            return Other(
                name: name,
                isDraft: !name.hasSuffix(ending),
                seconds: status.st_mtim.tv_sec,
                nanoseconds: status.st_mtim.tv_nsec
            )
        }
    }

    private func name(_ file: PackedFile.Draft) -> String { (file.path as NSString).lastPathComponent }

    private func ending(_ file: PackedFile.Draft) -> String { (file.path as NSString).pathExtension }
}
