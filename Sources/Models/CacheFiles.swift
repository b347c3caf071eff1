import Checkpoints
import Foundation
import Synchronization
import System

/// The files with one ending in a directory of a cache. The time of each is that of its last use.
final class CacheFiles: Sendable {
    let directory: String
    private let ending: String
    /// The names of the files that this process uses. They stay.
    private let used = Mutex<Set<String>>([])

    /// A file or a draft.
    private struct Entry {
        let name: String
        let isDraft: Bool
        let byteCount: Int
        let time: timespec
    }

    init(directory: String, ending: String) {
        self.directory = directory
        self.ending = ending
    }

    /// The file that is named after its key.
    func file(_ prefix: String = "", key: [UInt8]) -> PackedFile {
        let digits = key.map { String(format: "%02x", $0) }.joined()
        return PackedFile(path: "\(directory)/\(prefix)\(digits).\(ending)", key: key)
    }

    /// Writes a file unless it was read whole, and gives it the time of now.
    ///
    /// - Returns: why it could not be written.
    func keep(_ file: PackedFile.Draft, _ contents: [UnsafeRawBufferPointer]) -> Errno? {
        do throws(Errno) {
            if file.isNeeded {
                try Self.make(directory)
                try file.write(contents)
            } else {
                utimensat(AT_FDCWD, file.path, nil, 0)
            }
        } catch {
            return error
        }
        used.withLock { _ = $0.insert((file.path as NSString).lastPathComponent) }
        return nil
    }

    /// Makes a directory that only this user may read, with those that it lies in.
    private static func make(_ directory: String) throws(Errno) {
        guard mkdir(directory, 0o700) != 0 else { return }
        var error = Errno.last
        let parent = (directory as NSString).deletingLastPathComponent
        if error == Errno(ENOENT), !parent.isEmpty, parent != directory {
            try make(parent)
            if mkdir(directory, 0o700) == 0 { return }
            error = .last
        }
        guard error == Errno(EEXIST) else { throw error }
    }

    /// Removes the drafts that a crash left, and the files that are of no use. Before a file is written: a small disk has
    /// room for one.
    func clean(_ isUseless: (_ name: String) -> Bool = { _ in false }) {
        for entry in entries {
            let path = "\(directory)/\(entry.name)"
            if entry.isDraft { PackedFile.Draft.removeAbandoned(path) } else if isUseless(entry.name) { unlink(path) }
        }
    }

    /// Removes the files that were used longest ago.
    ///
    /// - Parameter fits: whether so many files, of so many bytes together, may stay.
    func removeOldest(_ fits: (_ files: Int, _ bytes: Int) -> Bool) {
        let used = used.withLock(\.self)
        let files = entries.filter { !$0.isDraft }.sorted {
            ($0.time.tv_sec, $0.time.tv_nsec) > ($1.time.tv_sec, $1.time.tv_nsec)
        }
        var (count, bytes) = (0, 0)
        for file in files.filter({ used.contains($0.name) }) + files.filter({ !used.contains($0.name) }) {
            count += 1
            bytes += file.byteCount
            if !used.contains(file.name), !fits(count, bytes) { unlink("\(directory)/\(file.name)") }
        }
    }

    private var entries: [Entry] {
        let ending = ".\(ending)"
        let found = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return found.filter { $0.contains(ending) }.map { name in
            var status = stat()
            stat("\(directory)/\(name)", &status)
            return Entry(
                name: name,
                isDraft: !name.hasSuffix(ending),
                byteCount: Int(status.st_size),
                time: status.st_mtim
            )
        }
    }
}
