import COpenSSL
import Foundation

/// The checksum that the hub gives a file as its ETag: SHA-256 for a large one (git LFS), for a small one the SHA-1 that
/// git gives it as a blob.
enum FileDigest {
    case sha256(String)
    case gitBlob(String)

    /// Nil where the tag is of another kind: a mirror's own, which says nothing of the contents.
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
    /// - Throws: `ModelHubError` where it cannot be read.
    func matches(file path: String, progress: (Int) -> Void = { _ in }) throws(ModelHubError) -> Bool {
        switch self {
        case .sha256(let wanted):
            return try Self.hexadecimal(of: path, EVP_sha256(), progress: progress) { _ in [] } == wanted
        case .gitBlob(let wanted):
            return try Self.hexadecimal(of: path, EVP_sha1(), progress: progress) { Array("blob \($0)\0".utf8) }
                == wanted
        }
    }

    /// `head`: from the file's size to what comes before its contents.
    private static func hexadecimal(
        of path: String,
        _ algorithm: OpaquePointer?,
        progress: (Int) -> Void,
        head: (Int) -> [UInt8]
    ) throws(ModelHubError) -> String {
        func unreadable() -> ModelHubError {
            ModelHubError(.storage, "\(path): cannot be read: \(String(cString: strerror(errno)))")
        }
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, algorithm, nil) == 1 else {
            throw ModelHubError(.storage, "OpenSSL has no such checksum")
        }
        defer { EVP_MD_CTX_free(context) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable() }
        let start = head(Int(status.st_size))
        EVP_DigestUpdate(context, start, start.count)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var done = 0
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unreadable() }
            if count == 0 { break }
            EVP_DigestUpdate(context, buffer, count)
            done += count
            progress(done)
        }
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        EVP_DigestFinal_ex(context, &digest, &length)
        return digest.prefix(Int(length)).map { String(format: "%02x", $0) }.joined()
    }
}
