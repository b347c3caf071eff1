import Events
import Text

/// A line as subscribers get it: encoded once, shared by all.
final class FeedLine: Sendable {
    let type: Subscription.RecordType
    /// Nil for a line that is not numbered.
    let seq: UInt64?
    let stream: String
    let labels: [String]
    /// The event that the record belongs to; nil for other lines.
    let event: Event?
    /// The JSON line with its line feed.
    let bytes: [UInt8]

    struct Event {
        let id: String
        /// The event has started and not ended.
        let isOpen: Bool
    }

    init(_ record: FeedRecord, seq: UInt64) {
        self.seq = seq
        switch record {
        case .event(let event):
            type = .event
            stream = event.stream
            labels = [event.label]
            self.event = Event(id: event.id, isOpen: event.state != .ended)
        case .stream(let health):
            type = .stream
            stream = health.stream
            labels = []
            event = nil
        }
        bytes = record.line(seq: seq).bytes
    }

    /// A record from the journal.
    init(type: Subscription.RecordType, seq: UInt64, stream: String, labels: [String], bytes: [UInt8]) {
        self.type = type
        self.seq = seq
        self.stream = stream
        self.labels = labels
        self.event = nil
        self.bytes = bytes
    }

    init(_ status: JournalStatus) {
        type = .journal
        seq = nil
        stream = ""
        labels = []
        event = nil
        bytes = status.line.bytes
    }

    init(_ record: ScoresRecord) {
        type = .scores
        seq = nil
        stream = record.stream ?? ""
        labels = record.entries.map(\.label)
        event = nil
        bytes = record.line.bytes
    }
}

extension FeedLine: JSONWritable {
    func writeJSON(into bytes: inout [UInt8]) {
        bytes.append(contentsOf: self.bytes.dropLast())
    }
}
