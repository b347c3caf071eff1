import Synchronization
import System
import Text

/// The work of the thread "journal": saves records in the order of their numbers, all that wait in one transaction, and
/// drops old ones in between. Made and used on that thread alone.
final class JournalWriter {
    /// The most records in one transaction. Nor has it more than `retentionBytes`.
    private static let batchSize = 512
    /// How far `openFrom` of the mark may lag behind.
    private static let openFromStep: UInt64 = 1000

    private let journal: Journal
    private let hub: EventHub
    private let settings: JournalSettings
    /// The last record that is saved, or lost for good.
    private var saved: UInt64
    private var backoff: Backoff
    private var failures = 0
    /// The size of the log at the last request to move it into the database.
    private var requestedAt: Int64 = 0
    private var retentionClock: RetentionClock
    /// The records that a running removal has dropped because of their age, if it is worth a line.
    private var dropped: Int?
    /// The bytes of records saved since the journal last looked for records to drop.
    private var unretained = 0
    /// Records were lost, so that the open events in the database may be wrong.
    private var hasLostRecords = false
    /// Another file has come to lie at the path, or none.
    private var wasGone = false
    private var retainAt = Instant.now
    private var isRetaining = false

    init(journal: Journal, hub: EventHub) {
        self.journal = journal
        self.hub = hub
        settings = journal.settings
        saved = journal.seqBase
        retentionClock = RetentionClock(newest: journal.newest, patience: journal.settings.doubt)
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
                // Before the next attempt.
                journal.writerWakeUp.rest(for: backoff.next())
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
                if hasLostRecords {
                    try database.keepOpenEvents(hub.openLines)
                    noteOpenEvents(lag: 0)
                }
                hasLostRecords = false
                journal.restore(savedThrough: saved, hub)
            }
            try retain(in: database)
        }
    }

    /// - Returns: whether there was anything to save.
    private func saveBatch(in database: JournalDatabase) throws -> Bool {
        try extendReserve()
        let batch = hub.unsaved(from: saved + 1, limit: Self.batchSize, bytes: settings.retentionBytes)
        if let lost = batch.lost {
            saved = max(saved, lost.upperBound)
            hasLostRecords = true
        }
        guard let first = batch.lines.first?.seq, let last = batch.lines.last?.seq else { return false }
        try database.append(batch.lines, at: settings.clock())
        if journal.seqFirst == nil { journal.seqFirstKept.store(first, ordering: .relaxed) }
        saved = last
        hub.release(through: last)
        unretained += batch.lines.reduce(0) { $0 + $1.bytes.count }
        noteOpenEvents(lag: Self.openFromStep)
        checkpoint(database)
        return true
    }

    /// Writes to the mark where the next daemon must begin to search for open events.
    private func noteOpenEvents(lag: UInt64) {
        // Before that, the ends of the recovered events are not all saved.
        guard let mark = journal.mark, saved >= journal.seqBase + UInt64(journal.recoveredCount) else { return }
        let first = hub.firstOpenSeq ?? saved + 1
        guard first > (mark.current.openFrom ?? 0) + lag else { return }
        mark.change { $0.openFrom = first }
        // An earlier number only costs a longer search.
        try? mark.write(durably: false)
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

    private func checkpoint(_ database: JournalDatabase) {
        let bytes = database.logBytes
        if bytes < requestedAt { requestedAt = 0 }
        if bytes > requestedAt + settings.logBytes {
            requestedAt = bytes
            journal.reader.requestCheckpoint()
        }
        // Under constant load the reader never finds the log idle, and the log grows.
        if bytes > settings.longLogBytes { try? database.truncateLog() }
    }

    /// Drops some records that are too old or too many, if it is time for that.
    private func retain(in database: JournalDatabase) throws {
        guard isRetaining || retainAt <= .now || unretained > settings.retentionBytes else { return }
        unretained = 0
        let cutoff = try cutoff(in: database)
        let step = try database.retain(since: cutoff, maxBytes: settings.databaseBytes, open: hub.openLines)
        dropped = dropped.map { $0 + step.aged }
        isRetaining = step.hasMore
        checkpoint(database)
        guard !isRetaining else { return }
        if let dropped, dropped > 0 { settings.tell("\(dropped) records older than events.keep were dropped") }
        dropped = nil
        retainAt = .now + settings.retentionInterval
        let first = try database.bounds().seqFirst ?? 0
        journal.seqFirstKept.store(first, ordering: .relaxed)
    }

    /// The time before which records are too old; nil while that is in doubt.
    private func cutoff(in database: JournalDatabase) throws -> UTCTime? {
        let now = RetentionClock.Reading(
            time: settings.clock(),
            isSynchronised: settings.isClockSynchronised()
        )
        switch try retentionClock.verdict(keep: settings.keep, oldest: database.oldestTime(), now: now) {
        case .drop(let cutoff, let isDoubted):
            if isDoubted, dropped == nil { dropped = 0 }
            return cutoff
        case .wait(let cutoff, let isNews):
            if isNews {
                settings.tell(
                    "\(try database.count(before: cutoff)) records are older than events.keep if the clock is right, which "
                        + "reads \(now.time): they are dropped in \(settings.doubt.configured); "
                        + "until then, correct the clock if it is wrong"
                )
            }
            return nil
        }
    }

    private func currentDatabase() throws -> JournalDatabase {
        do throws(MarkFailure) {
            try journal.renewMark(given: hub.seqGiven)
            if journal.openDatabase == nil { try journal.openMark(given: hub.seqGiven) }
        } catch {
            throw JournalFault.disk("cannot write \(settings.markPath)")
        }
        if let database = journal.openDatabase {
            if database.isInPlace { return database }
            throw JournalFault.gone
        }
        let database = try openDatabase()
        try database.begin(feedID: journal.feedID, base: max(database.bounds().seqLast, saved))
        wasGone = false
        journal.database.withLock { $0 = database }
        journal.seqFirstKept.store(try database.bounds().seqFirst ?? 0, ordering: .relaxed)
        return database
    }

    /// Opens the file at the path. One of another numbering that has come there meanwhile is moved aside.
    private func openDatabase() throws -> JournalDatabase {
        let database = try JournalDatabase(path: settings.path, busyTimeout: settings.busyTimeout)
        let found = try database.bounds().feedID
        guard wasGone, let found, found != journal.feedID else { return database }
        database.close()
        let aside = try JournalDatabase.moveAside(settings.path, as: "other", at: settings.clock())
        settings.tell("the journal of another numbering, which came to lie at \(settings.path), is now \(aside)")
        return try JournalDatabase(path: settings.path, busyTimeout: settings.busyTimeout)
    }

    private func fail(_ fault: JournalFault) {
        failures += 1
        isRetaining = false
        retainAt = max(retainAt, .now + settings.firstPause)
        switch fault {
        case .corrupt: journal.degrade(replaceDamagedFile(fault.words), hub)
        case .gone:
            journal.degrade(replaceMissingFile(fault.words), hub)
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
            let aside = try JournalDatabase.moveAside(settings.path, as: "corrupt", at: settings.clock())
            saved = hub.seqBeforeHeld
            hasLostRecords = true
            return "\(words): it is now \(aside) and a new one begins"
        } catch {
            return "\(words); \(error.words)"
        }
    }

    /// Leaves the file that is no longer at the path; one there begins with the records that memory has.
    ///
    /// - Returns: the reason to report.
    private func replaceMissingFile(_ words: String) -> String {
        let database = journal.database.withLock { database in
            defer { database = nil }
            return database
        }
        database?.abandon()
        wasGone = true
        let kept = hub.seqBeforeHeld + 1
        saved = kept - 1
        hasLostRecords = true
        return "\(words): a new file begins with record \(kept), the oldest in memory"
    }

    private func closeDatabase() {
        let database = journal.database.withLock { database in
            defer { database = nil }
            return database
        }
        database?.close()
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
