import Glibc
import System
import Text

/// The place of the journal and how much of it is kept.
package struct JournalSettings: Sendable {
    /// The database's file. SQLite's own `-wal` and `-shm`, and the `SequenceMark` `-seq`, are beside it.
    package var path: String
    /// Records older than this are dropped.
    package var keep = Duration.seconds(30 * 86_400)
    /// The oldest records are dropped while the database holds more bytes than this.
    package var keepBytes: Int64 = 1_000_000_000

    /// How long a record may wait for the disk before it goes out unsaved.
    package var patience = Duration.seconds(2)
    /// How long a write waits for another program that has the database locked.
    var busyTimeout = Duration.seconds(5)
    /// The first pause after a failed write. It doubles with each failure up to `longestPause`, with jitter.
    var firstPause = Duration.milliseconds(100)
    var longestPause = Duration.seconds(10)
    /// How often the journal looks for records that are too old.
    var retentionInterval = Duration.seconds(60)
    /// How many numbers are reserved at a time, so that none is given twice after a crash: see `SequenceMark`.
    var reserve: UInt64 = 65_536
    /// The kernel's name for this run of the machine.
    var bootID = BootIdentity.current
    var clock: @Sendable () -> UTCTime = { .now }

    package init(path: String) {
        self.path = path
    }

    var markPath: String { path + "-seq" }

    var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

extension UTCTime {
    fileprivate static var now: UTCTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UTCTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
