import Events
import GRDB
import Text

extension JournalDatabase {
    /// The numbering that the file holds.
    struct Bounds: Equatable {
        /// Nil in a new file.
        var feedID: String?
        /// Nil if there are no records.
        var seqFirst: UInt64?
        /// The last number that is known to have been given.
        var seqLast: UInt64
    }

    /// The records from `from` to `through`. Numbers without a line are not kept.
    struct Page: Sendable {
        var from: UInt64
        var through: UInt64
        var lines: [FeedLine] = []
    }

    func bounds() throws -> Bounds {
        try writer.writeWithoutTransaction { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT feed_id, seq_base, (SELECT min(seq) FROM record), (SELECT max(seq) FROM record)
                    FROM feed WHERE id = 1
                    """
            )
            guard let row else { throw JournalFault.corrupt("the table feed is empty") }
            let first = (row[2] as Int64?).map(UInt64.init(clamping:))
            let last = max(row[1] as Int64? ?? 0, row[3] as Int64? ?? 0)
            return Bounds(feedID: row[0], seqFirst: first, seqLast: UInt64(clamping: last))
        }
    }

    /// Sets the numbering of the records from here on, and that numbers up to `base` are given.
    func begin(feedID: String, base: UInt64) throws {
        try writer.write { db in
            try db.execute(
                sql: "UPDATE feed SET feed_id = ?, seq_base = ? WHERE id = 1",
                arguments: [feedID, Int64(clamping: base)]
            )
        }
    }

    /// Saves the records in one transaction. Saving a record twice has no effect.
    func append(_ lines: [FeedLine], at time: UTCTime) throws {
        try writer.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                let insert = try db.cachedStatement(sql: "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?)")
                for line in lines {
                    let seq = Int64(clamping: line.seq ?? 0)
                    try insert.execute(
                        arguments: [
                            seq, time.microseconds, line.type.rawValue, line.stream, line.labels.first, line.text,
                        ]
                    )
                    guard let event = line.event, !event.isOpen else { continue }
                    // Nearly always there is none, and nothing is written.
                    try db.cachedStatement(sql: "DELETE FROM open_event WHERE id = ?").execute(arguments: [event.id])
                }
                return .commit
            }
        }
    }

    /// At most `limit` records of `range`, from its lower end on.
    func page(_ range: ClosedRange<UInt64>, limit: Int) throws -> Page {
        try reader.read { db in
            var page = Page(from: range.lowerBound, through: range.upperBound)
            let statement = try db.cachedStatement(
                sql: "SELECT seq, type, stream, label, line FROM record WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?"
            )
            let rows = try Row.fetchCursor(
                statement,
                arguments: [Int64(clamping: range.lowerBound), Int64(clamping: range.upperBound), limit]
            )
            var count = 0
            var last = range.lowerBound
            while let row = try rows.next() {
                count += 1
                last = UInt64(clamping: row[0] as Int64? ?? 0)
                if let line = try FeedLine(row: row) { page.lines.append(line) }
            }
            if count == limit { page.through = last }
            return page
        }
    }

    /// The last record of each event that never ended, in the order of their starts, and when the newest record was
    /// saved.
    ///
    /// - Parameter seq: every event that started before this record has ended, or is in `open_event`.
    func orphans(startedFrom seq: UInt64) throws -> (events: [LabelEvent], lastSign: UTCTime?) {
        try writer.writeWithoutTransaction { db in
            var open: [String: (place: Int, event: LabelEvent)] = [:]
            func take(_ line: String) {
                guard let value = try? JSONValue(parsing: line), let event = LabelEvent(value) else { return }
                guard event.state != .ended else { return open[event.id] = nil }
                open[event.id] = (open[event.id]?.place ?? open.count, event)
            }
            let kept = try String.fetchCursor(db, sql: "SELECT line FROM open_event ORDER BY started_seq")
            while let line = try kept.next() { take(line) }
            let sql = "SELECT line FROM record WHERE seq >= ? AND type = 'event' ORDER BY seq"
            let records = try String.fetchCursor(db, sql: sql, arguments: [Int64(clamping: seq)])
            while let line = try records.next() { take(line) }
            let time = try Int64.fetchOne(db, sql: "SELECT time FROM record ORDER BY seq DESC LIMIT 1")
            let events = open.values.sorted { $0.place < $1.place }.map(\.event)
            return (events, time.map { UTCTime(ofFile: $0) })
        }
    }

    /// Forgets the events of `open_event` that are not open, after records were lost.
    func keepOpenEvents(_ open: [FeedLine]) throws {
        try writer.write { db in
            let known = Set(open.compactMap { $0.event?.id })
            for id in try String.fetchAll(db, sql: "SELECT id FROM open_event") where !known.contains(id) {
                try db.execute(sql: "DELETE FROM open_event WHERE id = ?", arguments: [id])
            }
        }
    }
}

extension FeedLine {
    /// The line without its line feed.
    var text: String { String(decoding: bytes.dropLast(), as: UTF8.self) }

    /// Nil for a type that this version does not know.
    fileprivate convenience init?(row: Row) throws {
        guard let seq: Int64 = row[0], let type = (row[1] as String?).flatMap(Subscription.RecordType.init(rawValue:))
        else { return nil }
        let bytes = try row.withUnsafeData(atIndex: 4) { data in
            var bytes = [UInt8]()
            bytes.reserveCapacity((data?.count ?? 0) + 1)
            if let data { bytes.append(contentsOf: data) }
            bytes.append(UInt8(ascii: "\n"))
            return bytes
        }
        self.init(
            type: type,
            seq: UInt64(clamping: seq),
            stream: row[2] ?? "",
            labels: (row[3] as String?).map { [$0] } ?? [],
            bytes: bytes
        )
    }
}
