/// What a client wants to get.
struct Subscription: Sendable, Equatable {
    enum RecordType: String, Sendable, CaseIterable {
        case event, stream, scores, journal
    }

    /// What a client gets that asks for nothing: all events and stream records from its
    /// connection on, and how the journal is doing.
    static let everythingLive = Subscription()

    var types: Set<RecordType> = [.event, .stream, .journal]
    /// Nil for all; else what any of the patterns fits.
    var streams: [Glob]?
    /// Nil for all; else events whose label's name any of the patterns fits. Stream records have no label and pass.
    /// Scores pass as a whole when one of their labels does.
    var labels: [Glob]?
    /// The last record the client has; nil for none of the past.
    var since: UInt64?

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
