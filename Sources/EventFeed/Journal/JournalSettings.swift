import Glibc
import System
import Text

/// The place of the journal and how much of it is kept.
package struct JournalSettings: Sendable {
    /// The database's file. SQLite's own `-wal` and `-shm`, and the `SequenceMark` `-seq`, are beside it.
    package var path: String
    /// Records older than this are dropped.
    package var keep = Duration.seconds(30 * 86_400)
    /// The oldest records are dropped while the database and its log hold more bytes than this.
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
    /// Takes messages for the operator, one line each, on one of the journal's threads.
    package var tell: @Sendable (String) -> Void = { _ in }
    var clock: @Sendable () -> UTCTime = { .now }
    /// Whether a time source vouches for `clock`.
    var isClockSynchronised: @Sendable () -> Bool = { ClockSynchronisation.isVouchedFor }
    /// The pause before more than a day's worth of records is dropped at once.
    var doubt = RetentionClock.patience

    package init(path: String) {
        self.path = path
    }

    /// How large SQLite's log becomes before the reader moves it into the database.
    var logBytes: Int64 { min(1024 * 1024, keepBytes / 16) }
    /// How large it becomes before the writer itself does so.
    var longLogBytes: Int64 { min(64 * 1024 * 1024, keepBytes / 4) }
    /// The bytes of records after which the journal looks for records to drop, and the most in one transaction.
    var retentionBytes: Int { Int(clamping: min(1024 * 1024, keepBytes / 16)) }
    /// What is left of `keepBytes` for the database, without the log and what comes before records are dropped.
    var databaseBytes: Int64 { keepBytes - longLogBytes - 2 * Int64(retentionBytes) }

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
