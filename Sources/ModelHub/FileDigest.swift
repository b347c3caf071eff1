import Foundation
import System

/// The checksum that the hub gives a file as its ETag: SHA-256 for a large one (git LFS), for a small one the SHA-1 that
/// git gives it as a blob.
enum FileDigest {
    case sha256(String)
    case gitBlob(String)

    /// Nil if the tag is of another kind, such as a mirror's own, which does not depend on the contents.
    init?(tag: String) {
        guard tag.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else { return nil }
        switch tag.utf8.count {
        case 64: self = .sha256(tag.lowercased())
        case 40: self = .gitBlob(tag.lowercased())
        default: return nil
        }
    }

    /// Whether the file's contents have this checksum.
    ///
    /// - Throws: `ModelHubError` if it cannot be read.
    func matches(file path: String, progress: (Int) -> Void = { _ in }) throws(ModelHubError) -> Bool {
        switch self {
        case .sha256(let wanted):
            return try Self.hexadecimal(of: path, .sha256, progress: progress) { _ in "" } == wanted
        case .gitBlob(let wanted):
            return try Self.hexadecimal(of: path, .sha1, progress: progress) { "blob \($0)\0" } == wanted
        }
    }

    /// - Parameter head: the bytes that are hashed before the contents, from the file's size.
    private static func hexadecimal(
        of path: String,
        _ algorithm: ContentDigest.Algorithm,
        progress: (Int) -> Void,
        head: (Int) -> String
    ) throws(ModelHubError) -> String {
        do throws(RegularFile.Fault) {
            let file = try RegularFile(path)
            var digest = ContentDigest(algorithm)
            digest.add(head(file.byteCount))
            var done = 0
            try file.forEachPiece { piece in
                digest.add(piece)
                done += piece.count
                progress(done)
            }
            return digest.finish()
        } catch {
            throw ModelHubError(.storage, "\(path): \(error.explanation.message)")
        }
    }
}
