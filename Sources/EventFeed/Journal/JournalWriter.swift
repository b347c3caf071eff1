import Synchronization
import System
import Text

/// The work of the thread "journal": saves records in the order of their numbers, all that wait in one transaction, and
/// drops old ones in between. Made and used on that thread alone.
final class JournalWriter {
    /// The most records in one transaction.
    private static let batchSize = 512
    /// The bytes of records after which the reader moves the log into the database, and after which the writer does so
    /// itself.
    private static let checkpointBytes = 2 * 1024 * 1024
    private static let longLogBytes = 64 * 1024 * 1024
    /// The bytes of records after which the journal looks for records to drop.
    private static let retentionBytes = 1024 * 1024

    private let journal: Journal
    private let hub: EventHub
    private let settings: JournalSettings
    /// The last record that is saved, or lost for good.
    private var saved: UInt64
    private var backoff: Backoff
    private var failures = 0
    private var loggedBytes = 0
    private var longLog = 0
    /// The bytes of records saved since the journal last looked for records to drop.
    private var unretained = 0
    /// Records were lost, so that the open events in the database may be wrong.
    private var hasLostRecords = false
    private var retainAt = Instant.now
    private var isRetaining = false

    init(journal: Journal, hub: EventHub) {
        self.journal = journal
        self.hub = hub
        settings = journal.settings
        saved = journal.seqBase
        backoff = Backoff(initial: settings.firstPause, cap: settings.longestPause)
    }

    func run() {
        while true {
            let isLast = journal.writerWakeUp.isStopRequested
            journal.writerWakeUp.clear()
            do {
                try work()
                failures = 0
                backoff.reset()
                if isLast { return close() }
                journal.writerWakeUp.wait(for: retainAt - .now)
            } catch {
                fail(JournalFault(error))
                if isLast { return close() }
                rest()
            }
        }
    }

    /// Saves all records that wait, and drops old ones.
    private func work() throws {
        let database = try currentDatabase()
        var isCaughtUp = false
        while !isCaughtUp || isRetaining {
            isCaughtUp = try !saveBatch(in: database)
            if isCaughtUp, journal.status.state == .degraded {
                if hasLostRecords { try database.replaceOpenEvents(hub.openLines) }
                hasLostRecords = false
                journal.restore(savedThrough: saved, hub)
            }
            try retain(in: database)
        }
    }

    /// - Returns: whether there was anything to save.
    private func saveBatch(in database: JournalDatabase) throws -> Bool {
        try extendReserve()
        let batch = hub.unsaved(from: saved + 1, limit: Self.batchSize)
        if let lost = batch.lost {
            saved = max(saved, lost.upperBound)
            hasLostRecords = true
        }
        guard let first = batch.lines.first?.seq, let last = batch.lines.last?.seq else { return false }
        try database.append(batch.lines, at: settings.clock())
        if journal.seqFirst == nil { journal.seqFirstKept.store(first, ordering: .relaxed) }
        saved = last
        hub.release(through: last)
        try checkpoint(database, after: batch.lines)
        return true
    }

    /// Reserves numbers well before they are needed.
    private func extendReserve() throws {
        let given = hub.seqGiven
        guard let mark = journal.mark else { return }
        let before = mark.current.reserved
        guard given + settings.reserve / 2 > before else { return }
        mark.change { $0.reserved = given + settings.reserve }
        do throws(MarkFailure) {
            try mark.write(durably: true)
        } catch {
            mark.change { $0.reserved = before }
            throw JournalFault.disk("cannot write \(settings.markPath)")
        }
    }

    private func checkpoint(_ database: JournalDatabase, after lines: [FeedLine]) throws {
        let bytes = lines.reduce(0) { $0 + $1.bytes.count }
        loggedBytes += bytes
        longLog += bytes
        unretained += bytes
        if loggedBytes > Self.checkpointBytes {
            loggedBytes = 0
            journal.reader.requestCheckpoint()
        }
        // Under constant load the reader never finds the log idle, and the log grows.
        if longLog > Self.longLogBytes {
            longLog = 0
            try? database.truncateLog()
        }
    }

    /// Drops some records that are too old or too many, if it is time for that.
    private func retain(in database: JournalDatabase) throws {
        guard isRetaining || retainAt <= .now || unretained > Self.retentionBytes else { return }
        unretained = 0
        isRetaining = try database.retain(since: settings.clock() - settings.keep, maxBytes: settings.keepBytes)
        guard !isRetaining else { return }
        retainAt = .now + settings.retentionInterval
        let first = try database.bounds().seqFirst ?? 0
        journal.seqFirstKept.store(first, ordering: .relaxed)
    }

    private func currentDatabase() throws -> JournalDatabase {
        if let database = journal.openDatabase { return database }
        do throws(MarkFailure) {
            try journal.openMark(given: hub.seqGiven)
        } catch {
            throw JournalFault.disk("cannot write \(settings.markPath)")
        }
        let database = try JournalDatabase(path: settings.path, busyTimeout: settings.busyTimeout)
        try database.begin(feedID: journal.feedID, base: max(database.bounds().seqLast, saved))
        journal.database.withLock { $0 = database }
        journal.seqFirstKept.store(try database.bounds().seqFirst ?? 0, ordering: .relaxed)
        return database
    }

    private func fail(_ fault: JournalFault) {
        failures += 1
        isRetaining = false
        retainAt = max(retainAt, .now + settings.firstPause)
        switch fault {
        case .corrupt: journal.degrade(replaceDamagedFile(fault.words), hub)
        case .full: journal.degrade(fault.words, hub)
        case .disk, .foreign, .newer:
            journal.degrade(fault.words, hub)
            // A disk that went away and came back needs the file to be opened anew.
            if failures % 4 == 3 { closeDatabase() }
        }
    }

    /// Moves the damaged file aside; a new one begins with the next record.
    ///
    /// - Returns: the reason to report.
    private func replaceDamagedFile(_ words: String) -> String {
        closeDatabase()
        do throws(JournalFault) {
            let aside = try JournalDatabase.moveAside(settings.path, at: settings.clock())
            saved = hub.seqBeforeHeld
            hasLostRecords = true
            return "\(words): it is now \(aside) and a new one begins"
        } catch {
            return "\(words); \(error.words)"
        }
    }

    private func closeDatabase() {
        let database = journal.database.withLock { database in
            defer { database = nil }
            return database
        }
        database?.close()
    }

    /// Waits before the next attempt, unless a stop is requested.
    private func rest() {
        let until = Instant.now + backoff.next()
        while !journal.writerWakeUp.isStopRequested, Instant.now < until {
            journal.writerWakeUp.wait(for: until - .now)
            journal.writerWakeUp.clear()
        }
    }

    private func close() {
        let isComplete = journal.status.state == .ok && saved == hub.seqGiven
        let database = journal.database.withLock { database in
            defer { database = nil }
            return database
        }
        let isSaved = isComplete && database.map { (try? $0.truncateLog()) != nil } ?? false
        database?.close()
        guard isSaved else { return }
        journal.mark?.change { $0.state = .closed }
        try? journal.mark?.write(durably: true)
    }
}
