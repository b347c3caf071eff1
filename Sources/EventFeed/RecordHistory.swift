import DequeModule

/// The newest records that subscribers can see, in memory. Older ones are in the journal, if there is one.
struct RecordHistory {
    /// The result of a read.
    struct Batch {
        /// The numbers before `lines` whose records are no longer held.
        var lost: ClosedRange<UInt64>?
        var lines: [FeedLine] = []
    }

    let capacity: Int
    private var lines: Deque<FeedLine> = []
    /// The seq of the last record. Before the first append, the last number that was given earlier, or 0.
    private(set) var seqLast: UInt64

    init(capacity: Int, seqLast: UInt64 = 0) {
        precondition(capacity > 0, "a history holds at least one record")
        self.capacity = capacity
        self.seqLast = seqLast
    }

    /// The seq of the oldest record held; that of the next record if none is held.
    var seqFirst: UInt64 { seqLast + 1 - UInt64(lines.count) }

    /// The line's seq must be the one after `seqLast`.
    mutating func append(_ line: FeedLine) {
        precondition(line.seq == seqLast + 1, "records are numbered without gaps")
        if lines.count == capacity { lines.removeFirst() }
        lines.append(line)
        seqLast += 1
    }

    /// At most `limit` records from `seq` on.
    func read(from seq: UInt64, limit: Int) -> Batch {
        var batch = Batch()
        let first = seqFirst
        if seq < first { batch.lost = seq...(first - 1) }
        let start = max(seq, first)
        guard start <= seqLast else { return batch }
        let lower = Int(start - first)
        batch.lines = Array(lines[lower..<min(lines.count, lower + limit)])
        return batch
    }
}
