import DequeModule

/// The records that the broker has. A record is outstanding until the broker has acknowledged all its messages. Pure.
struct DeliveryLedger {
    private struct Entry {
        var seq: UInt64
        /// The number of its messages that are not acknowledged.
        var open: Int
    }

    /// The last record up to which the broker has everything.
    private(set) var acknowledged: UInt64
    private var entries: Deque<Entry> = []
    private var seqOfMessage: [Int32: UInt64] = [:]

    init(acknowledged: UInt64) {
        self.acknowledged = acknowledged
    }

    /// The last record that was published.
    var seqLast: UInt64 { entries.last?.seq ?? acknowledged }

    /// The number of outstanding records.
    var count: Int { entries.count }

    /// Adds a record that was published as these messages; none for one that is not published. Numbers must rise.
    mutating func add(_ seq: UInt64, messages: [Int32]) {
        precondition(seq > seqLast, "records are published in order")
        entries.append(Entry(seq: seq, open: messages.count))
        for message in messages { seqOfMessage[message] = seq }
        settle()
    }

    /// The broker has acknowledged the message. Messages that belong to no record, such as announcements, are ignored.
    mutating func acknowledge(_ message: Int32) {
        guard let seq = seqOfMessage.removeValue(forKey: message),
            let index = entries.firstIndex(where: { $0.seq == seq })
        else { return }
        entries[index].open -= 1
        settle()
    }

    private mutating func settle() {
        while let first = entries.first, first.open == 0 {
            acknowledged = first.seq
            entries.removeFirst()
        }
    }
}
