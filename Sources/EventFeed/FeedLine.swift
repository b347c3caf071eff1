import Events

/// A record as it goes to subscribers: encoded once, shared by all of them.
final class FeedLine: Sendable {
    let type: Subscription.RecordType
    /// Nil for what is not numbered.
    let seq: UInt64?
    let stream: String
    let labels: [String]
    /// The JSON line with its line feed.
    let bytes: [UInt8]

    init(_ record: FeedRecord, seq: UInt64) {
        self.seq = seq
        switch record {
        case .event(let event):
            type = .event
            stream = event.stream
            labels = [event.label]
        case .stream(let health):
            type = .stream
            stream = health.stream
            labels = []
        }
        bytes = record.line(seq: seq).bytes
    }

    init(_ record: ScoresRecord) {
        type = .scores
        seq = nil
        stream = record.stream ?? ""
        labels = record.entries.map(\.label)
        bytes = record.line.bytes
    }
}

extension FeedLine: JSONWritable {
    func writeJSON(into bytes: inout [UInt8]) {
        bytes.append(contentsOf: self.bytes.dropLast())
    }
}
