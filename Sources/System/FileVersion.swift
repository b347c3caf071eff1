import Glibc

/// One version of a file, known without reading it and comparable over restarts: its size, and the times when it was last
/// written and last changed in any way.
///
/// On the usual Linux file systems the kernel sets the last of these with every write, and a program cannot choose it.
/// FAT, some mounts of FUSE and images with constant times have no such time, so samples of the contents belong beside
/// it. Device and inode are left out: they may differ after a boot, and from host to host. `FileState` compares files
/// within one run.
package struct FileVersion: Sendable, CustomStringConvertible {
    private let byteCount: Int64
    private let written: timespec
    private let changed: timespec

    /// The coarsest clock of a file system, FAT's, ticks every two seconds.
    private static let tickSeconds = 3

    init(_ status: stat) {
        byteCount = Int64(status.st_size)
        (written, changed) = (status.st_mtim, status.st_ctim)
    }

    /// Whether a further change would show: one within a tick of the clock after the last would not.
    package var isSettled: Bool {
        // Any file may have any time, so nothing is computed with it.
        let now = time(nil)
        return changed.tv_sec <= now - Self.tickSeconds || changed.tv_sec >= now + Self.tickSeconds
    }

    package var description: String {
        "\(byteCount) \(written.tv_sec).\(written.tv_nsec) \(changed.tv_sec).\(changed.tv_nsec)"
    }
}
