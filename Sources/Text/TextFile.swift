import Foundation
import System

/// Reads a small text file that an operator wrote.
package enum TextFile {
    package struct Failure: Error, Equatable {
        package var message: String
        package var remedy: String
        /// Whether the file does not exist.
        package var isAbsence = false
        /// The place in the file, counted from 1; nil for the file as a whole.
        package var line: Int?
        package var column: Int?
    }

    /// Reads a file of UTF-8, without a byte order mark.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - limit: the most bytes to read. A larger file is refused, not truncated.
    /// - Throws: `Failure`, whose message and remedy complete a sentence about the file.
    package static func read(_ path: String, limit: Int) throws(Failure) -> String {
        var bytes = try readBytes(path, limit: limit)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            bytes.removeFirst(3)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw notUTF8(bytes)
        }
        return text
    }

    private static func readBytes(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        // Non-blocking: opening a named pipe without a writer would hang.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(of: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(of: errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw Failure(message: "is a directory", remedy: "name the file in it")
        default: throw Failure(message: "is not a regular file", remedy: "name a regular file")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = Foundation.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes.append(contentsOf: chunk[..<count])
            } else if errno != EINTR {
                throw failure(of: errno)
            }
        }
        throw Failure(message: "is larger than \(limit / 1024) KiB", remedy: "check that it is the right file")
    }

    private static func failure(of code: Int32) -> Failure {
        switch code {
        case ENOENT:
            Failure(message: "does not exist", remedy: "create it or check the path", isAbsence: true)
        case EACCES, EPERM: Failure(message: "may not be read by this user", remedy: "check its owner and mode")
        default: Failure(message: "cannot be read: \(Errno(code))", remedy: "check the path")
        }
    }

    /// The failure for the first byte that is not UTF-8, with its line and column.
    private static func notUTF8(_ bytes: [UInt8]) -> Failure {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var (line, column) = (1, 1)
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
        }
        return Failure(
            message: "is not UTF-8",
            remedy: "save the file in UTF-8",
            line: line,
            column: column
        )
    }
}
