import Text

/// The mark beside the journal that prevents numbers from being given twice, even if the database is lost.
///
/// `reserved` is on the disk before any number up to it is given. Numbering goes on after it if records may have gone
/// out that are not in the database, because the disk refused them or the machine crashed.
typealias SequenceMark = DurableMark<NumberingState>

/// What the `SequenceMark` knows of the numbering.
struct NumberingState: MarkContent {
    enum State: String {
        /// A clean end: the database has every record whose number was given.
        case closed
        /// In use. The database has every record whose number was given, unless the machine crashes.
        case open
        /// In use, and the database lacks records whose numbers were given.
        case unsaved
    }

    /// Names the numbering.
    var feedID: String
    /// No number above this one was given.
    var reserved: UInt64
    var state: State
    /// The run of the machine that wrote it.
    var bootID: String
    /// Every event that started before this record has ended; nil if that is not known.
    var openFrom: UInt64?

    init(feedID: String, reserved: UInt64, state: State, bootID: String, openFrom: UInt64? = nil) {
        self.feedID = feedID
        self.reserved = reserved
        self.state = state
        self.bootID = bootID
        self.openFrom = openFrom
    }

    init?(_ value: JSONValue) {
        guard let feedID = value["feed_id"]?.string, !feedID.isEmpty, feedID.utf8.count <= 64,
            let reserved = value["reserved"]?.integer, (0...Int64.max / 2).contains(reserved),
            let state = value["state"]?.string.flatMap(State.init(rawValue:)),
            let bootID = value["boot_id"]?.string
        else { return nil }
        self.init(feedID: feedID, reserved: UInt64(reserved), state: state, bootID: bootID)
        openFrom = value["open_from"]?.integer.flatMap { UInt64(exactly: $0) }
    }

    var line: JSONLine {
        var line = JSONLine()
        line.add("feed_id", feedID)
        line.add("reserved", reserved)
        line.add("state", state.rawValue)
        line.add("boot_id", bootID)
        line.add("open_from", openFrom)
        return line
    }
}

extension SequenceMark {
    /// The mark beside a journal.
    convenience init(_ settings: JournalSettings, feedID: String) throws(MarkFailure) {
        let fresh = NumberingState(feedID: feedID, reserved: 0, state: .open, bootID: settings.bootID)
        try self.init(path: settings.markPath, fresh: fresh)
    }
}
