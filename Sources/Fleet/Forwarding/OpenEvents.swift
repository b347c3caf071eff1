/// The open events of a camera, as each of its messages lists them: a new owner ends those that a lost host left open.
struct OpenEvents: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        /// The sequence of the event's last message in the stream.
        var sequence: UInt64
        /// The epoch in which it was last published.
        var epoch: UInt64
    }

    private(set) var entries: [String: Entry] = [:]
}

extension OpenEvents {
    /// Reads the header of a message with this sequence and epoch.
    init(header: String?, sequence: UInt64, epoch: UInt64) {
        for word in (header ?? "").split(separator: " ") {
            let parts = word.split(separator: "@")
            if parts.count == 1 {
                entries[String(parts[0])] = Entry(sequence: sequence, epoch: epoch)
            } else if parts.count == 3, let sequence = Reference.sequence(parts[1], in: sequence),
                let epoch = UInt64(parts[2])
            {
                entries[String(parts[0])] = Entry(sequence: sequence, epoch: epoch)
            }
        }
    }

    /// The header of a message after which these are open.
    ///
    /// - Parameters:
    ///   - own: the event that the message itself leaves open, whose sequence is not known yet.
    ///   - without: the event that the message is about.
    ///   - distances: how far before the message the batch has the last message of an event, for those that it has.
    func header(own: String?, without: String?, distances: [String: Int] = [:]) -> String {
        let others = entries.filter { $0.key != without }.sorted { $0.key < $1.key }
        let words = others.map { event, entry in
            "\(event)@\(distances[event].map(Reference.before) ?? String(entry.sequence))@\(entry.epoch)"
        }
        return ((own.map { [$0] } ?? []) + words).joined(separator: " ")
    }

    mutating func apply(_ event: OutboxRecord.Event, sequence: UInt64, epoch: UInt64) {
        entries[event.id] = event.isEnd ? nil : Entry(sequence: sequence, epoch: epoch)
    }
}
