import Foundation

/// A disk in memory that can be filled, which takes the right to mount one.
final class SmallDisk {
    /// Why the system mounts none here; nil if it does.
    static let refusal: String? = {
        let path = NSTemporaryDirectory() + "/disk-\(getpid())"
        defer { rmdir(path) }
        do {
            _ = try SmallDisk(on: path, megabytes: 1)
            return nil
        } catch { return "\(error)" }
    }()

    private let path: String

    /// Mounts it on a new directory.
    init(on path: String, megabytes: Int) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Self.run("/usr/bin/mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path)
    }

    // A server may still use it.
    deinit { try? Self.run("/usr/bin/umount", "--lazy", path) }

    private var filler: String { path + "/filler" }

    /// Leaves no room.
    func fill() throws {
        let file = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw LoadError("cannot write \(filler)") }
        defer { close(file) }
        // The last bytes go one page at a time.
        for size in [1 << 20, 1 << 12] {
            let bytes = [UInt8](repeating: 1, count: size)
            while write(file, bytes, bytes.count) == bytes.count {}
        }
    }

    /// Makes room again.
    func clear() { unlink(filler) }

    private static func run(_ program: String, _ arguments: String...) throws {
        let process = Process()
        (process.executableURL, process.arguments) = (URL(filePath: program), arguments)
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw LoadError("\(program): \(text.trimmingCharacters(in: .whitespacesAndNewlines))")
        }
    }
}
