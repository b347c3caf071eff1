/// Reads the heartbeats of all hosts. Most are the same as their host's last one, which is not parsed again.
struct HeartbeatReading {
    /// The most hosts whose last heartbeat is kept.
    private static let most = 1000

    private var last: [String: (payload: [UInt8], heartbeat: Heartbeat)] = [:]
    /// The last pulse of each host, by its place in the stream.
    private var pulses: [String: UInt64] = [:]

    /// Nil for a message that is no heartbeat, or names another host than its subject does.
    mutating func read(_ message: EngineMessage) -> Heartbeat? { read(message.payload, on: message.subject) }

    /// The heartbeat that is a host's new pulse; nil for the first that is seen of a host as well, since it may be old.
    mutating func read(pulse message: StoredMessage, of host: String) -> Heartbeat? {
        let last = pulses.updateValue(message.sequence, forKey: host)
        let isNew = last != nil && last != message.sequence
        return isNew ? read(message.payload, on: FleetSubjects.heartbeat(of: host)) : nil
    }

    private mutating func read(_ payload: [UInt8], on subject: String) -> Heartbeat? {
        if let last = last[subject], last.payload == payload { return last.heartbeat }
        guard let heartbeat = Heartbeat(parsing: payload), FleetSubjects.heartbeat(of: heartbeat.host) == subject
        else { return nil }
        if last.count >= Self.most, last[subject] == nil { last = [:] }
        last[subject] = (payload, heartbeat)
        return heartbeat
    }
}
