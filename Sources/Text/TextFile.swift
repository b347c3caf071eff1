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
        do throws(RegularFile.Fault) {
            return try RegularFile.contents(of: path, limit: limit)
        } catch {
            let (message, remedy) = error.explanation
            throw Failure(message: message, remedy: remedy, isAbsence: error.isAbsence)
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
