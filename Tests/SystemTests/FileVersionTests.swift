import Glibc
import Testing

@testable import System

@Suite struct FileVersionTests {
    private func version(changed seconds: Int, inode: UInt = 1, byteCount: Int = 5) -> FileVersion {
        var status = stat()
        status.st_ino = ino_t(inode)
        status.st_size = off_t(byteCount)
        status.st_ctim.tv_sec = seconds
        return FileVersion(status)
    }

    /// A file system may give a file any time, also one that is wrong by the age of the universe.
    @Test func aFileIsSettledUnlessItChangedJustNow() {
        var now = time(nil)
        for seconds in [Int.min, Int.min + 1, -1, 0, now - 60, now + 60, Int.max] {
            #expect(version(changed: seconds).isSettled, "\(seconds)")
        }
        var isSettled = true
        repeat {
            now = time(nil)
            isSettled = version(changed: now).isSettled
        } while time(nil) != now
        #expect(!isSettled)
    }

    /// The number of a file may differ from mount to mount, and from host to host.
    @Test func aVersionIsOneOfSizeAndTimes() {
        let version = version(changed: 7)
        #expect(self.version(changed: 7, inode: 2).description == version.description)
        #expect(self.version(changed: 8).description != version.description)
        #expect(self.version(changed: 7, byteCount: 6).description != version.description)
    }
}
