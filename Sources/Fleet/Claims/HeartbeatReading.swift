/// Reads the heartbeats of all hosts. Most are the same as their host's last one, which is not parsed again.
struct HeartbeatReading {
    /// The most hosts whose last heartbeat is kept.
    private static let most = 1000

    private var last: [String: (payload: [UInt8], heartbeat: Heartbeat)] = [:]

    /// Nil for a message that is no heartbeat, or names another host than its subject does.
    mutating func read(_ message: EngineMessage) -> Heartbeat? {
        if let last = last[message.subject], last.payload == message.payload { return last.heartbeat }
        guard let heartbeat = Heartbeat(parsing: message.payload),
            FleetSubjects.heartbeat(of: heartbeat.host) == message.subject
        else { return nil }
        if last.count >= Self.most, last[message.subject] == nil { last = [:] }
        last[message.subject] = (message.payload, heartbeat)
        return heartbeat
    }
}
