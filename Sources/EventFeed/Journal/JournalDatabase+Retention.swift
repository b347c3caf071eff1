import GRDB
import Text

extension JournalDatabase {
    /// The most records that one step drops, so that a new record never waits long.
    static let retentionStep = 500
    /// The most pages that one step returns to the file system.
    private static let vacuumStep = 256

    /// Drops some of the records that are older than `cutoff` or more than `maxBytes`, the oldest first, but never the
    /// newest: it shows which numbers are given.
    ///
    /// Only the beginning of the journal is dropped, so that a clock that was wrong for a while makes no gap in it.
    ///
    /// - Returns: whether there is more to drop.
    func retain(since cutoff: UTCTime, maxBytes: Int64) throws -> Bool {
        try writer.writeWithoutTransaction { db in
            let oldest = try Row.fetchAll(
                db,
                sql: "SELECT seq, time FROM record ORDER BY seq LIMIT ?",
                arguments: [Self.retentionStep + 1]
            )
            // The last one stays: it is the newest of all, or is left for the next step.
            let candidates = oldest.dropLast()
            let isTooLarge = try usedBytes(db) > maxBytes
            let dropped =
                isTooLarge ? candidates[...] : candidates.prefix { ($0[1] as Int64? ?? 0) < cutoff.microseconds }
            if let last = dropped.last?[0] as Int64? {
                try db.inTransaction(.immediate) {
                    try db.execute(sql: "DELETE FROM record WHERE seq <= ?", arguments: [last])
                    return .commit
                }
            }
            let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            // New records reuse the room of dropped ones. Only the surplus after a lowered limit is returned.
            let spare = 4 * Self.vacuumStep
            if free > spare, try !isTooLarge && usedBytes(db) + Int64(free) * pageSize(db) > maxBytes {
                try db.execute(sql: "PRAGMA incremental_vacuum(\(Self.vacuumStep))")
                return true
            }
            return dropped.count == Self.retentionStep
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
