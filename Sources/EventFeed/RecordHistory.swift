import DequeModule

/// The newest records that subscribers may have, in memory. What is older, the journal has if there is one.
struct RecordHistory {
    /// What a read found from a place on.
    struct Batch {
        /// Records before `lines` that are no longer held.
        var lost: ClosedRange<UInt64>?
        var lines: [FeedLine] = []
    }

    let capacity: Int
    private var lines: Deque<FeedLine> = []
    /// The seq of the record written last; before the first that of the record before it, or 0.
    private(set) var seqLast: UInt64

    init(capacity: Int, seqLast: UInt64 = 0) {
        precondition(capacity > 0, "a history holds at least one record")
        self.capacity = capacity
        self.seqLast = seqLast
    }

    /// The seq of the oldest record held; that of the next record when none is held.
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
