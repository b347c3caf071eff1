import Foundation
import Glibc
import System
import Text

/// The directory of events' pictures and clips, with one folder for each day (UTC).
struct PictureDirectory {
    let path: String

    /// Readable for the group, which may also read the events that name the files.
    private static let fileMode: mode_t = 0o640
    private static let folderMode: mode_t = 0o750
    private static let kinds = ["jpg", "mp4"]
    /// The suffix of files that are being written. A killed daemon leaves them; they are removed like the others.
    private static let partial = "part"

    /// The path of an event's file, known before the file exists.
    func place(of id: String, at time: UTCTime, kind: String) -> String {
        "\(path)/\(time.description.prefix(10))/\(id).\(kind)"
    }

    /// Makes the directory. Its parent must exist.
    ///
    /// - Throws: `OperationError`.
    func make() throws(OperationError) { try makeFolder(path) }

    /// Writes a file under another name, then renames it, so that no reader sees half a file.
    ///
    /// - Parameters:
    ///   - place: the path of the file.
    ///   - write: writes the file at the path that it is given.
    /// - Throws: `OperationError`, or the errors of `write`.
    func put(_ place: String, write: (_ path: String) throws -> Void) throws {
        try makeFolder(String(place.prefix(upTo: place.lastIndex(of: "/") ?? place.endIndex)))
        let partial = "\(place).\(Self.partial)"
        do {
            try write(partial)
            guard chmod(partial, Self.fileMode) == 0, rename(partial, place) == 0 else {
                throw OperationError("cannot write \(place): \(Errno(errno))")
            }
        } catch {
            unlink(partial)
            throw error
        }
    }

    /// Makes an empty file that can be written and read.
    static func makeFile(_ path: String) throws(OperationError) -> FileDescriptor {
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, fileMode)
        guard file >= 0 else { throw OperationError("cannot write \(path): \(Errno(errno))") }
        return FileDescriptor(owning: file)
    }

    static func write(_ bytes: [UInt8], to path: String) throws(OperationError) {
        let made = try makeFile(path)
        let file = made.raw
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw OperationError("cannot write \(path): \(Errno(errno))") }
            rest = rest.dropFirst(count)
        }
    }

    /// The contents of an event's file, in the folder of any day; nil if there is none.
    ///
    /// - Parameter id: comes from outside. Anything but an event's id is refused.
    func bytes(of id: String, kind: String) -> [UInt8]? {
        guard let id = UUID(uuidString: id)?.uuidString.lowercased() else { return nil }
        let days = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for day in days.filter(Self.isDay).sorted(by: >) {
            if let bytes = Self.contents("\(path)/\(day)/\(id).\(kind)") { return bytes }
        }
        return nil
    }

    /// The newest picture of an event; nil if there is none.
    var newest: [UInt8]? {
        let pictures = files().filter { $0.path.hasSuffix(".jpg") }
        return pictures.max { $0.modified < $1.modified }.flatMap { Self.contents($0.path) }
    }

    private static func contents(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        return (try? FileHandle(fileDescriptor: file, closeOnDealloc: true).readToEnd()).map { Array($0) }
    }

    /// Our own files. Anything else in the directory is ignored and never removed.
    func files() -> [PictureRetention.File] {
        let manager = FileManager.default
        let days = (try? manager.contentsOfDirectory(atPath: path)) ?? []
        return days.filter(Self.isDay).flatMap { day in
            let names = (try? manager.contentsOfDirectory(atPath: "\(path)/\(day)")) ?? []
            return names.filter(Self.isOurs).compactMap { file("\(path)/\(day)/\($0)") }
        }
    }

    func remove(_ file: PictureRetention.File) {
        unlink(file.path)
        // The day's folder goes with its last file.
        rmdir(String(file.path.prefix(upTo: file.path.lastIndex(of: "/") ?? file.path.endIndex)))
    }

    private func makeFolder(_ path: String) throws(OperationError) {
        if mkdir(path, Self.folderMode) == 0 {
            // Regardless of the umask.
            chmod(path, Self.folderMode)
        } else if errno != EEXIST {
            throw OperationError("cannot make \(path): \(Errno(errno))")
        }
    }

    private func file(_ path: String) -> PictureRetention.File? {
        guard let entry = try? FileManager.default.attributesOfItem(atPath: path),
            entry[.type] as? FileAttributeType == .typeRegular,
            let size = entry[.size] as? Int,
            let modified = entry[.modificationDate] as? Date
        else { return nil }
        let time = UTCTime(microseconds: Int64(modified.timeIntervalSince1970 * 1e6))
        return PictureRetention.File(path: path, byteCount: Int64(size), modified: time)
    }

    private static func isDay(_ name: String) -> Bool {
        name.count == 10 && name.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (48...57).contains($0) }
    }

    private static func isOurs(_ name: String) -> Bool {
        let parts = name.split(separator: ".").map(String.init)
        guard parts.count >= 2, UUID(uuidString: parts[0]) != nil, kinds.contains(parts[1]) else { return false }
        return parts.count == 2 || (parts.count == 3 && parts[2] == partial)
    }
}
