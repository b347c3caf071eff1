import DequeModule

/// The newest records of the feed, in memory. A journal can take its place: it needs no more than this.
struct RecordHistory {
    /// What a read found from a place on.
    struct Batch {
        /// Records before `lines` that are no longer held.
        var lost: ClosedRange<UInt64>?
        var lines: [FeedLine] = []
    }

    private let capacity: Int
    private var lines: Deque<FeedLine> = []
    /// The seq of the record written last; 0 before the first.
    private(set) var seqLast: UInt64 = 0

    init(capacity: Int) {
        precondition(capacity > 0, "a history holds at least one record")
        self.capacity = capacity
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
