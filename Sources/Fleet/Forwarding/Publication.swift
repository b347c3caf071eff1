import Text

/// A message that a host publishes to the stream of records.
struct Publication: Sendable, Equatable {
    enum Content: Sendable, Equatable {
        /// The first message of an owner, which fences the one before it. It says whether the owner begins with a full window.
        case owner(previous: String?, isPrepared: Bool = false)
        /// A record of this host's journal.
        case record(OutboxRecord)
        /// What stands in the place of a record that the engine refuses for ever.
        case refusal(of: OutboxRecord, String)
        /// The end of an event that a lost host left open, whose last record is this.
        case end(event: String, of: [UInt8])
    }

    var camera: String
    var content: Content
    var epoch: UInt64
    /// Whether another host has come in between.
    var isLate: Bool
    /// The last sequence on the fence's subject. Nil for a message that follows another one in a batch: nothing can come
    /// between.
    var expected: UInt64?
    /// The highest number of this host's journal that the stream has with this message.
    var number: UInt64
    /// The header of the open events.
    var open: String
    /// Names the last message with the state of the camera's stream; nil if that is not known.
    var health: String?

    /// The message, but for its reply subject.
    ///
    /// - Parameters:
    ///   - host: this host.
    ///   - feed: names the numbering of its journal.
    ///   - body: the record as a JSON object.
    func message(host: String, feed: String, body: [UInt8]) -> EngineMessage {
        let subject =
            isLate ? FleetSubjects.late(of: camera, by: host) : FleetSubjects.events(of: camera, by: host)
        var headers = [
            EngineMessage.Header.epoch: String(epoch),
            EngineMessage.Header.messageID: "\(feed).\(FleetSubjects.token(camera)).\(epoch).\(identifier)",
            EngineMessage.Header.number: String(number), EngineMessage.Header.feed: feed,
        ]
        if let expected {
            headers[EngineMessage.Header.expected] = String(expected)
            if !isLate { headers[EngineMessage.Header.expectedSubject] = FleetSubjects.events(of: camera) }
        }
        if !isLate {
            if !open.isEmpty { headers[EngineMessage.Header.open] = open }
            if isHealth {
                headers[EngineMessage.Header.health] = Self.itself
            } else if let health {
                headers[EngineMessage.Header.health] = health
            }
        }
        return EngineMessage(subject: subject, headers: headers, payload: body)
    }

    private var identifier: String {
        switch content {
        case .owner: "owner"
        case .record(let record): String(record.number)
        case .refusal(let record, _): "refusal.\(record.number)"
        case .end(let event, _): "end.\(event)"
        }
    }

    /// The value of the header in a message that has the state itself, whose sequence is not known yet.
    private static let itself = "this"

    /// Whether it has the state of the camera's stream.
    var isHealth: Bool { if case .record(let record) = content { record.event == nil } else { false } }

    /// The sequence of the last message with the state of the camera's stream, as its last message says.
    static func health(_ last: StoredMessage) -> UInt64? {
        guard let text = last.headers[EngineMessage.Header.health] else { return nil }
        return text == itself ? last.sequence : Reference.sequence(text[...], in: last.sequence)
    }

    /// What it does to an event.
    var event: OutboxRecord.Event? {
        switch content {
        case .owner: nil
        case .record(let record), .refusal(let record, _): record.event
        case .end(let event, _): OutboxRecord.Event(id: event, isEnd: true)
        }
    }
}
