import GRDB
import Text

extension JournalDatabase {
    /// The most records that one step drops, so that a new record never waits long.
    static let retentionStep = 500
    /// The most pages that one step returns to the file system.
    private static let vacuumStep = 256

    /// The outcome of a step of `retain`.
    struct Step: Equatable {
        /// The records that were dropped because of their age.
        var aged = 0
        /// Whether there is more to drop or to give back.
        var hasMore = false
    }

    /// Drops some of the records that are older than `cutoff` or more than `maxBytes`, the oldest first, but never the
    /// newest: it shows which numbers are given.
    ///
    /// Only the beginning of the journal is dropped, so that a clock that was wrong for a while makes no gap in it.
    ///
    /// - Parameters:
    ///   - cutoff: nil to drop nothing because of its age.
    ///   - maxBytes: of the database, without its log.
    ///   - open: the last records of the open events. Those that are dropped stay in `open_event`.
    func retain(since cutoff: UTCTime?, maxBytes: Int64, open: [FeedLine]) throws -> Step {
        try writer.writeWithoutTransaction { db in
            let oldest = try Row.fetchAll(
                db,
                sql: "SELECT seq, time FROM record ORDER BY seq LIMIT ?",
                arguments: [Self.retentionStep + 1]
            )
            // The last one stays: it is the newest of all, or is left for the next step.
            let candidates = oldest.dropLast()
            let isTooLarge = try usedBytes(db) > maxBytes
            let isOld = { (row: Row) in cutoff.map { (row[1] as Int64? ?? 0) < $0.microseconds } ?? false }
            let dropped = isTooLarge ? candidates[...] : candidates.prefix(while: isOld)
            if let last = dropped.last?[0] as Int64? { try drop(through: last, open, db) }
            let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            // New records reuse the room of dropped ones. Only the surplus after a lowered limit is returned.
            let spare = 4 * Self.vacuumStep
            if free > spare, try !isTooLarge && usedBytes(db) + Int64(free) * pageSize(db) > maxBytes {
                try db.execute(sql: "PRAGMA incremental_vacuum(\(Self.vacuumStep))")
                return Step(aged: dropped.count, hasMore: true)
            }
            return Step(aged: isTooLarge ? 0 : dropped.count, hasMore: dropped.count == Self.retentionStep)
        }
    }

    /// When the oldest record was saved; nil if there is none.
    func oldestTime() throws -> UTCTime? {
        try writer.writeWithoutTransaction { db in try Self.time(from: 0, db) }
    }

    /// The number of records at the beginning that are older than `cutoff`, counted by their numbers.
    func count(before cutoff: UTCTime) throws -> UInt64 {
        try writer.writeWithoutTransaction { db in
            let ends = try Row.fetchOne(db, sql: "SELECT min(seq), max(seq) FROM record")
            guard let first = ends?[0] as Int64?, let last = ends?[1] as Int64? else { return 0 }
            var (low, high) = (first, last + 1)
            while low < high {
                let middle = low + (high - low) / 2
                let time = try Self.time(from: middle, db)
                if let time, time < cutoff { low = middle + 1 } else { high = middle }
            }
            return UInt64(clamping: low - first)
        }
    }

    private static func time(from seq: Int64, _ db: Database) throws -> UTCTime? {
        let sql = "SELECT time FROM record WHERE seq >= ? ORDER BY seq LIMIT 1"
        return try Int64.fetchOne(db, sql: sql, arguments: [seq]).map { UTCTime(ofFile: $0) }
    }

    private func drop(through last: Int64, _ open: [FeedLine], _ db: Database) throws {
        try db.inTransaction(.immediate) {
            for line in open {
                guard let event = line.event, let seq = line.seq, Int64(clamping: seq) <= last else { continue }
                try db.execute(
                    sql: "INSERT OR REPLACE INTO open_event VALUES (?, ?, ?)",
                    arguments: [event.id, Int64(clamping: seq), line.text]
                )
            }
            try db.execute(sql: "DELETE FROM record WHERE seq <= ?", arguments: [last])
            return .commit
        }
    }

    /// The bytes of the database's file that are in use.
    private func usedBytes(_ db: Database) throws -> Int64 {
        let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        return try (pages - free) * pageSize(db)
    }

    private func pageSize(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
    }
}

extension UTCTime {
    /// A time that a file claims: any number, but none that overflows in sums.
    init(ofFile microseconds: Int64) {
        self.init(microseconds: min(max(microseconds, 0), 253_402_300_800_000_000))
    }
}
