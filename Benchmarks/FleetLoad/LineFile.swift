import Glibc

/// A file of lines that survives the death of its writer: each line is one write.
final class LineFile: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LoadError("cannot write \(path)") }
        // A writer that was killed may have left a part of a line.
        guard ftruncate(descriptor, off_t(Self.wholeLines(path).count)) == 0 else {
            throw LoadError("cannot cut \(path) after its last whole line")
        }
    }

    deinit { close(descriptor) }

    func add(_ line: String) { printLine(line, to: descriptor) }

    /// The whole lines of a file; none if there is no file.
    static func lines(_ path: String) -> [Substring] {
        String(decoding: wholeLines(path), as: UTF8.self).split(separator: "\n")
    }

    /// The bytes of a file through the end of its last whole line.
    private static func wholeLines(_ path: String) -> ArraySlice<UInt8> {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes.prefix((bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)
    }
}

struct LoadError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
