import Text

/// The state of the fleet's cameras at one moment, from the last records of their hosts.
package struct FleetSnapshot: Sendable, Equatable {
    /// The numbering of the records.
    package var feedID: String
    /// The last record at that moment.
    package var seq: UInt64
    /// The last record of each open event, and of each camera's stream, as lines of the feed.
    package var open: [String]
    package var streams: [String]

    /// As the answer to a subscription.
    package var line: String {
        var line = JSONLine(type: "snapshot")
        line.add("seq", seq)
        line.add("open", open.compactMap { try? JSONValue(parsing: $0) })
        line.add("streams", streams.compactMap { try? JSONValue(parsing: $0) })
        return line.text
    }
}

extension EngineClient {
    /// The numbering of the records, and the last of them.
    package func lastRecord() throws(FleetError) -> (feedID: String, seq: UInt64) {
        let report = try report(of: FleetSubjects.stream)
        return (report.feedID, report.last)
    }

    /// Reads the present state. Every message of a camera lists its open events and points to its stream's last state.
    package func snapshot() throws(FleetError) -> FleetSnapshot {
        let (feedID, _) = try lastRecord()
        let messages = try lastMessages(of: FleetSubjects.stream, on: FleetSubjects.allEvents)
        var last: [String: StoredMessage] = [:]
        for message in messages {
            guard let camera = FleetSubjects.record(message.subject)?.camera,
                last[camera].map({ $0.sequence < message.sequence }) ?? true
            else { continue }
            last[camera] = message
        }
        var (open, streams): ([UInt64: String], [String]) = ([:], [])
        for (_, message) in last.sorted(by: { $0.key < $1.key }) {
            let events = OpenEvents(
                header: message.headers[EngineMessage.Header.open],
                sequence: message.sequence,
                epoch: message.number(EngineMessage.Header.epoch) ?? 0
            )
            for entry in events.entries.values { open[entry.sequence] = try line(at: entry.sequence, message) }
            if let health = Publication.health(message), let line = try line(at: health, message) {
                streams.append(line)
            }
        }
        return FleetSnapshot(
            feedID: feedID,
            seq: messages.map(\.sequence).max() ?? 0,
            open: open.sorted { $0.key < $1.key }.map(\.value),
            streams: streams
        )
    }

    /// A record as a line of the feed; nil if it is no longer kept.
    private func line(at sequence: UInt64, _ known: StoredMessage) throws(FleetError) -> String? {
        if sequence == known.sequence { return FleetRecords.line(known.payload, seq: sequence, isLate: false) }
        switch ask(EngineRequests.message(FleetSubjects.stream, at: sequence)) {
        case .value(let value):
            return StoredMessage(value).map { FleetRecords.line($0.payload, seq: sequence, isLate: false) }
        case .failure(let failure) where failure.code == EngineReply.Failure.noMessage: return nil
        case .failure(let failure): throw FleetError.refused(failure, FleetSubjects.stream)
        case .none(let reason): throw FleetError("the fleet's servers do not show a record: \(reason)")
        }
    }
}
