import GRDB
import Text

extension JournalDatabase {
    /// Records that one step drops at most, so that a new one never waits long.
    static let retentionStep = 500
    /// Pages that one step gives back to the file system at most.
    private static let vacuumStep = 256

    /// Drops some of the records that are older than `cutoff` or more than `maxBytes`, the oldest first, but never the
    /// newest: it says which numbers are given.
    ///
    /// Only the beginning of the journal is dropped, so that a clock that was wrong for a while tears no hole in it.
    ///
    /// - Returns: whether there is more to drop.
    func retain(since cutoff: UTCTime, maxBytes: Int64) throws -> Bool {
        try writer.writeWithoutTransaction { db in
            let oldest = try Row.fetchAll(
                db,
                sql: "SELECT seq, time FROM record ORDER BY seq LIMIT ?",
                arguments: [Self.retentionStep + 1]
            )
            // The newest of all stays, and so does this one: more than a step's worth is for the next step.
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
            // What is dropped makes room for what comes; only what a lowered limit leaves over is given back.
            let spare = 4 * Self.vacuumStep
            if free > spare, try !isTooLarge && usedBytes(db) + Int64(free) * pageSize(db) > maxBytes {
                try db.execute(sql: "PRAGMA incremental_vacuum(\(Self.vacuumStep))")
                return true
            }
            return dropped.count == Self.retentionStep
        }
    }

    /// The bytes of the database's file that hold something.
    private func usedBytes(_ db: Database) throws -> Int64 {
        let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        return try (pages - free) * pageSize(db)
    }

    private func pageSize(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
    }
}
