import DequeModule

/// Which records the broker has: each record's messages are out until the broker has acknowledged them. Pure.
struct DeliveryLedger {
    private struct Entry {
        var seq: UInt64
        /// Messages of it that are not acknowledged.
        var open: Int
    }

    /// The last record up to which the broker has everything.
    private(set) var acknowledged: UInt64
    private var entries: Deque<Entry> = []
    private var seqOfMessage: [Int32: UInt64] = [:]

    init(acknowledged: UInt64) {
        self.acknowledged = acknowledged
    }

    /// The last record that was given out.
    var seqLast: UInt64 { entries.last?.seq ?? acknowledged }

    /// Records that are out.
    var count: Int { entries.count }

    /// A record has gone out as these messages, none for one that the broker is not told of. Numbers rise.
    mutating func add(_ seq: UInt64, messages: [Int32]) {
        precondition(seq > seqLast, "records go out in their order")
        entries.append(Entry(seq: seq, open: messages.count))
        for message in messages { seqOfMessage[message] = seq }
        settle()
    }

    /// The broker has the message. Those of no record, such as announcements, are passed over.
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
