import Glibc

/// A file of lines that survives the death of its writer: each line is one write.
final class LineFile: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LoadError("cannot write \(path)") }
        // A writer that was killed may have left a part of a line.
        ftruncate(descriptor, off_t(Self.lines(path).reduce(0) { $0 + $1.utf8.count + 1 }))
    }

    deinit { close(descriptor) }

    func add(_ line: String) { printLine(line, to: descriptor) }

    /// The whole lines of a file; none if there is no file.
    static func lines(_ path: String) -> [Substring] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        return String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n")
    }
}

struct LoadError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
