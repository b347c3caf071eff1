import Text

/// What a client wants to receive.
package struct Subscription: Sendable, Equatable {
    package enum RecordType: String, Sendable, CaseIterable {
        case event, stream, scores, journal
    }

    /// The most patterns in `streams` and in `labels`.
    package static let maxPatterns = 64

    /// The subscription of a client that sends none: all events and stream records from its connection on, and the
    /// state of the journal.
    static let everythingLive = Subscription()

    package var types: Set<RecordType>
    /// A stream passes if any of the patterns matches its name; nil passes all.
    package var streams: [Glob]?
    /// An event passes if any of the patterns matches its label's name; nil passes all. Stream records have no label
    /// and pass. A scores line passes as a whole if one of its labels does.
    package var labels: [Glob]?
    /// The last record that the client has; nil for no past records.
    package var since: UInt64?

    package init(
        types: Set<RecordType> = [.event, .stream, .journal],
        streams: [Glob]? = nil,
        labels: [Glob]? = nil,
        since: UInt64? = nil
    ) {
        self.types = types
        self.streams = streams
        self.labels = labels
        self.since = since
    }

    func matches(_ line: FeedLine) -> Bool {
        guard types.contains(line.type) else { return false }
        // It concerns every stream and label.
        if line.type == .journal { return true }
        if let streams, !streams.contains(where: { $0.matches(line.stream) }) { return false }
        if let labels, line.type != .stream {
            return line.labels.contains { label in labels.contains { $0.matches(label) } }
        }
        return true
    }
}

extension Subscription {
    /// Whether a record of a fleet's feed passes. A daemon compares its own lines itself.
    package func matches(_ record: FeedMessage) -> Bool {
        let (stream, label): (String?, String?) =
            switch record {
            case .event(let event): (event.stream, event.label)
            case .stream(let health): (health.stream, nil)
            case .owner(let owner): (owner.stream, nil)
            default: (nil, nil)
            }
        if let streams, let stream, !streams.contains(where: { $0.matches(stream) }) { return false }
        if let labels, let label, !labels.contains(where: { $0.matches(label) }) { return false }
        return true
    }

    /// The value of `subscribe` in a request.
    var line: JSONLine {
        let order: [RecordType] = [.event, .stream, .journal, .scores]
        var line = JSONLine()
        line.add("types", order.filter(types.contains).map(\.rawValue))
        if let streams { line.add("streams", streams.map(\.text)) }
        if let labels { line.add("labels", labels.map(\.text)) }
        if let since { line.add("since", since) }
        return line
    }
}
