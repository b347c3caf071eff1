import Glibc

/// What names the contents of a file without reading them, from one start to the next: its inode and size, and the times when
/// it was last written and last changed in any way.
///
/// The kernel sets the last of these with every write, and no program can set it back. The device is left out, since its
/// number may differ after a boot. `FileState` compares files within one run.
package struct FileVersion: Sendable, CustomStringConvertible {
    private let inode: UInt64
    private let byteCount: Int64
    private let written: timespec
    private let changed: timespec

    /// The coarsest clock of a file system, FAT's, ticks every two seconds.
    private static let tickSeconds = 3

    init(_ status: stat) {
        inode = UInt64(status.st_ino)
        byteCount = Int64(status.st_size)
        (written, changed) = (status.st_mtim, status.st_ctim)
    }

    /// Whether a further change would show: one within a tick of the clock after the last would not.
    package var isSettled: Bool { abs(time(nil) - changed.tv_sec) >= Self.tickSeconds }

    package var description: String {
        "\(inode) \(byteCount) \(written.tv_sec).\(written.tv_nsec) \(changed.tv_sec).\(changed.tv_nsec)"
    }
}
