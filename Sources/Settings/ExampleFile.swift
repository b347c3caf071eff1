import Glibc
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

    /// - Parameter remedy: what to do if there is no such file.
    /// - Returns: SHA-256 of the file's content.
    package static func digest(of path: String, ifAbsent remedy: String) throws(Failure) -> String {
        do throws(RegularFile.Fault) {
            let file = try RegularFile(path)
            guard file.byteCount <= limit else {
                throw RegularFile.Fault.isTooLarge(limit: limit)
            }
            var digest = ContentDigest()
            try file.forEachPiece { digest.add($0) }
            return digest.finish()
        } catch {
            throw failure(error, ifAbsent: remedy)
        }
    }

    private static func failure(_ fault: RegularFile.Fault, ifAbsent remedy: String) -> Failure {
        switch fault {
        case .isDirectory, .isSpecial: Failure(message: "is not a regular file", remedy: "name a video file")
        case .isTooLarge:
            Failure(message: "is larger than 1 GiB", remedy: "cut out the seconds that show the label")
        case .system(let error) where error == Errno(ENOENT) || error == Errno(ENOTDIR):
            Failure(message: "does not exist", remedy: remedy)
        default: Failure(message: fault.explanation.message, remedy: fault.explanation.remedy)
        }
    }
}
