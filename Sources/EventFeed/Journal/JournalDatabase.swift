import Glibc
import GRDB
import Synchronization
import System
import Text

/// The journal's SQLite file. All its methods block.
///
/// Two connections: one writes, the other reads pages and moves the log into the database, so that neither waits for
/// the other (WAL). With `synchronous=NORMAL` a commit survives a kill of this process; a crash of the machine may lose
/// the newest.
final class JournalDatabase: Sendable {
    /// "WaWd", which `file` and `PRAGMA application_id` show.
    static let applicationID: Int32 = 0x5761_5764

    /// The smallest that SQLite has: a record that is committed alone writes whole pages.
    private static let pageBytes = 512

    let path: String
    /// The file that was opened. Another one may come to lie at the path.
    private let identity: FileIdentity?
    private let logIdentities: [String: FileIdentity]
    let writer: DatabaseQueue
    let reader: DatabaseQueue
    /// Held while the log is moved. SQLite refuses a second move instead of waiting for the first.
    private let moving = Mutex(())

    /// Opens the file, or makes it.
    ///
    /// - Throws: `JournalFault`.
    init(path: String, busyTimeout: Duration) throws {
        self.path = path
        do {
            var configuration = Configuration()
            configuration.journalMode = .wal
            configuration.busyMode = .timeout(busyTimeout / .seconds(1))
            configuration.prepareDatabase { db in
                // `retain` frees space in small steps. Both apply to a new file only.
                try db.execute(sql: "PRAGMA page_size = \(Self.pageBytes); PRAGMA auto_vacuum = INCREMENTAL")
                // `checkpoint` moves the log, on another thread than commits. A log that was moved is cut to nothing by
                // the next commit, so that the size of its file is what it holds.
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 0")
            }
            try Self.makeFile(path)
            try Self.checkHeader(path)
            writer = try DatabaseQueue(path: path, configuration: configuration)
            try Self.prepare(writer)
            reader = try DatabaseQueue(path: path, configuration: configuration)
            identity = FileIdentity(path: path)
            let logs = ["-wal", "-shm"].compactMap { end in FileIdentity(path: path + end).map { (path + end, $0) } }
            logIdentities = Dictionary(uniqueKeysWithValues: logs)
        } catch {
            throw JournalFault(error)
        }
    }

    /// The schema, version by version. A released step never changes.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(
                sql: """
                    PRAGMA application_id = \(applicationID);
                    -- `time` is when the record was saved, in microseconds since 1970; `line` is what subscribers get.
                    CREATE TABLE record (
                        seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, type TEXT NOT NULL, stream TEXT NOT NULL,
                        label TEXT, line TEXT NOT NULL
                    );
                    -- The open events whose last record was dropped, with that record.
                    CREATE TABLE open_event (id TEXT PRIMARY KEY, started_seq INTEGER NOT NULL, line TEXT NOT NULL);
                    -- Which numbering the records are of; numbers up to seq_base are given, whatever `record` holds.
                    CREATE TABLE feed (id INTEGER PRIMARY KEY CHECK (id = 1), feed_id TEXT, seq_base INTEGER NOT NULL);
                    INSERT INTO feed VALUES (1, NULL, 0);
                    """
            )
        }
        return migrator
    }

    /// Whether the file at the path is the one that was opened.
    var isInPlace: Bool { identity != nil && FileIdentity(path: path) == identity }

    /// The bytes of SQLite's log.
    var logBytes: Int64 {
        var status = stat()
        return stat(path + "-wal", &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Makes the file if there is none, readable for the group. SQLite would let everybody read it, and gives its log
    /// the same mode.
    private static func makeFile(_ path: String) throws {
        let (raw, number) = uninterrupted { open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640) }
        if raw >= 0 { Glibc.close(raw) }
        guard raw >= 0 || number == EEXIST else {
            throw JournalFault.disk("the file cannot be made: \(Errno(number))")
        }
    }

    /// Checks that the file is a database: SQLite would call another file damaged.
    private static func checkHeader(_ path: String) throws {
        let isDatabase: Bool
        do throws(RegularFile.Fault) {
            let start = try RegularFile(path).bytes(0..<16)
            isDatabase = start.isEmpty || start == Array("SQLite format 3\u{0}".utf8)
        } catch {
            if error.isAbsence { return }
            throw JournalFault.disk("the file \(error.explanation.message)")
        }
        guard isDatabase else { throw JournalFault.corrupt("file is not a database") }
    }

    private static func prepare(_ writer: DatabaseQueue) throws {
        try writer.writeWithoutTransaction { db in
            let id = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
            let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            guard id == applicationID || (id == 0 && tables == 0) else { throw JournalFault.foreign }
            guard try !migrator.hasBeenSuperseded(db) else { throw JournalFault.newer }
        }
        try migrator.migrate(writer)
    }

    /// Closes both connections. The last one removes the log.
    func close() {
        try? reader.close()
        try? writer.close()
    }

    /// Moves the committed log into the database file, as far as other connections allow.
    func checkpoint() throws {
        try moving.withLock { _ in try reader.writeWithoutTransaction { db in _ = try db.checkpoint(.passive) } }
    }

    /// Empties the log and waits for readers. For the writer's thread, once the log is too long.
    func truncateLog() throws {
        try moving.withLock { _ in try writer.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) } }
    }

    /// Moves a file that is damaged, or not this journal's, and its log out of the way and returns the new name.
    static func moveAside(_ path: String, as word: String, at time: UTCTime) throws(JournalFault) -> String {
        let stamp = time.description.filter { $0 != "-" && $0 != ":" && $0 != "." }
        let aside = "\(path).\(word)-\(stamp)"
        guard rename(path, aside) == 0 else {
            throw .disk("the file cannot be moved aside: \(Errno(errno))")
        }
        // The log belongs to that file: a new file must not use it.
        if rename(path + "-wal", aside + "-wal") != 0 { unlink(path + "-wal") }
        unlink(path + "-shm")
        return aside
    }

    /// Closes the connections of a file that is no longer at the path, and removes its log, which SQLite would take for
    /// that of the file that is there now.
    func abandon() {
        close()
        for (log, identity) in logIdentities where FileIdentity(path: log) == identity { unlink(log) }
    }
}
