import Foundation
import System

/// Computes the digest of an example clip, with a plain reason if it cannot be read.
package enum ExampleFile {
    package struct Failure: Error, Equatable {
        package var message: String
        package var remedy: String

        package init(message: String, remedy: String) {
            self.message = message
            self.remedy = remedy
        }
    }

    /// The limit of a clip's size, in bytes. A larger file is a recording.
    static let limit = 1 << 30

    /// - Returns: SHA-256 of the file's content.
    package static func digest(of path: String) throws(Failure) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(of: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(message: "is not a regular file", remedy: "name a video file")
        }
        guard status.st_size <= limit else {
            throw Failure(message: "is larger than 1 GiB", remedy: "cut out the seconds that show the label")
        }
        guard let file = FileHandle(forReadingAtPath: path) else { throw failure(of: errno) }
        defer { try? file.close() }
        var digest = ContentDigest()
        do {
            while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { digest.add(piece) }
        } catch {
            throw Failure(message: "cannot be read: \(error.localizedDescription)", remedy: "check the file")
        }
        return digest.finish()
    }

    private static func failure(of code: Int32) -> Failure {
        switch code {
        case ENOENT, ENOTDIR:
            Failure(
                message: "does not exist",
                remedy: "check the path; it is relative to the configuration file's directory"
            )
        case EACCES, EPERM:
            Failure(message: "may not be read by this user", remedy: "check its owner and mode")
        default:
            Failure(message: "cannot be read: \(Errno(code))", remedy: "check the path")
        }
    }
}
