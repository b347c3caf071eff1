import Events
import Glibc
import System
import Text

/// The opening of a journal: decides with which number to go on, and finds the events that a killed daemon left open.
struct JournalOpening {
    private(set) var mark: SequenceMark?
    private(set) var database: JournalDatabase?
    private(set) var feedID: String
    /// The last number that may have been given before.
    private(set) var seqBase: UInt64 = 0
    private(set) var seqFirst: UInt64?
    private(set) var recovered: [LabelEvent] = []
    /// When the newest record was saved; nil if there is none.
    private(set) var newest: UTCTime?
    private(set) var notices: [String] = []
    /// Why the journal begins degraded; nil if it does not.
    private(set) var fault: String?

    /// The number of newest records that are searched for open events if the mark does not say where they begin.
    private static let searched: UInt64 = 10_000

    private let settings: JournalSettings

    init(_ settings: JournalSettings) throws(JournalError) {
        self.settings = settings
        feedID = EventHub.makeFeedID()
        try checkDirectory()
        try openMark()
        feedID = mark?.current.feedID ?? feedID
        try openDatabase()
        if try !readDatabase() || !writeMark() { numberBlindly() }
        writeDatabase()
    }

    private func checkDirectory() throws(JournalError) {
        var status = stat()
        guard stat(settings.directory, &status) == 0 else {
            if errno == EACCES { throw .denied(settings.directory) }
            throw .noDirectory(settings)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .noDirectory(settings) }
        for path in [settings.path, settings.directory] where access(path, R_OK | W_OK) != 0 && errno == EACCES {
            throw .denied(path)
        }
        guard stat(settings.path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
            throw .foreign(settings.path)
        }
    }

    private mutating func openMark() throws(JournalError) {
        do throws(MarkFailure) {
            mark = try SequenceMark(settings, feedID: feedID)
        } catch {
            switch error {
            case .inUse: throw .inUse(settings.path)
            case .denied: throw .denied(settings.markPath)
            case .system(let number): fault = "cannot write \(settings.markPath): \(Errno(number))"
            }
            if let found = SequenceMark.peek(path: settings.markPath) {
                (feedID, seqBase) = (found.feedID, found.reserved)
            }
        }
    }

    private mutating func openDatabase() throws(JournalError) {
        guard fault == nil else { return }
        do {
            database = try JournalDatabase(path: settings.path, busyTimeout: settings.busyTimeout)
        } catch {
            switch JournalFault(error) {
            case .foreign: throw .foreign(settings.path)
            case .newer: throw .newer(settings.path)
            case .corrupt(let words):
                // Without a mark, nothing shows that the file was ever a journal.
                guard mark?.found != nil else { throw .foreign(settings.path) }
                try startAnew(words)
            case .full, .disk, .gone: fault = JournalFault(error).words
            }
        }
    }

    private mutating func startAnew(_ words: String) throws(JournalError) {
        do {
            let aside = try JournalDatabase.moveAside(settings.path, as: "corrupt", at: settings.clock())
            notices.append(
                "the journal \(settings.path) is damaged (\(words)): it is now \(aside) and a new one begins; "
                    + "what was recorded before is not replayed"
            )
            database = try JournalDatabase(path: settings.path, busyTimeout: settings.busyTimeout)
        } catch {
            fault = JournalFault(error).words
        }
    }

    /// Decides where numbering goes on, by the database or else by the mark.
    ///
    /// - Returns: false if neither shows it.
    private mutating func readDatabase() throws(JournalError) -> Bool {
        guard let database else {
            if let found = mark?.found { seqBase = found.reserved }
            return mark != nil && (mark?.found != nil || access(settings.path, F_OK) != 0)
        }
        do {
            let bounds = try database.bounds()
            try recover(from: database, bounds)
            (seqFirst, seqBase) = (bounds.seqFirst, bounds.seqLast)
            if let found = mark?.found, !isTrusted(found, bounds), found.reserved > bounds.seqLast {
                seqBase = found.reserved
                let lost = "records \(bounds.seqLast + 1) to \(seqBase)"
                notices.append("the journal may lack the newest records: \(lost) are announced as a gap")
            }
            return true
        } catch {
            database.close()
            self.database = nil
            if case .corrupt(let words) = JournalFault(error) { try startAnew(words) }
            fault = self.database == nil ? JournalFault(error).words : nil
            seqBase = mark?.found?.reserved ?? 0
            return mark?.found != nil
        }
    }

    /// Marks that numbers are given from here on, before the first one is.
    ///
    /// - Returns: false if the disk refuses.
    private mutating func writeMark() -> Bool {
        guard let mark else { return false }
        mark.change { content in
            content = NumberingState(
                feedID: feedID,
                reserved: seqBase + settings.reserve,
                state: fault == nil ? .open : .unsaved,
                bootID: settings.bootID,
                openFrom: content.openFrom
            )
        }
        do throws(MarkFailure) {
            try mark.write(durably: true)
            return true
        } catch {
            fault = fault ?? "cannot write \(settings.markPath)"
            return false
        }
    }

    private mutating func writeDatabase() {
        do {
            try database?.begin(feedID: feedID, base: seqBase)
        } catch {
            // The writer opens it again once the disk accepts it.
            database?.close()
            database = nil
            fault = fault ?? JournalFault(error).words
            mark?.change { $0.state = .unsaved }
            try? mark?.write(durably: false)
        }
    }

    /// Whether the database has the records of all numbers that were given.
    private func isTrusted(_ found: NumberingState, _ bounds: JournalDatabase.Bounds) -> Bool {
        guard bounds.feedID == found.feedID else { return found.reserved == 0 }
        switch found.state {
        case .closed: return true
        case .open: return found.bootID == settings.bootID && !found.bootID.isEmpty
        case .unsaved: return false
        }
    }

    /// Neither file can be trusted or written. Numbers jump to the microseconds since 1970, beyond all that were ever
    /// given, so that none is given twice.
    private mutating func numberBlindly() {
        seqBase = max(seqBase, mark?.found?.reserved ?? 0, UInt64(clamping: settings.clock().microseconds))
    }

    /// Ends the open events of the killed daemon at its last sign of life, the best time that is known.
    private mutating func recover(from database: JournalDatabase, _ bounds: JournalDatabase.Bounds) throws {
        let unknown = bounds.seqLast > Self.searched ? bounds.seqLast - Self.searched : 0
        let (events, lastSign) = try database.orphans(startedFrom: mark?.found?.openFrom ?? unknown)
        newest = lastSign
        let now = settings.clock()
        recovered = events.map { found in
            found.ended(at: max(lastSign ?? found.time, found.time), because: .crashRecovered, reported: now)
        }
    }
}
