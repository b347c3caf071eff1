import Text

/// What the engine reports of a stream.
package struct StreamReport: Sendable, Equatable {
    /// A server beside the leader that holds the stream.
    package struct Replica: Sendable, Equatable {
        package var name: String
        /// Whether it has everything that the leader has.
        package var isCurrent: Bool
        package var isOffline: Bool
        /// The operations that it lacks.
        package var lag: UInt64
    }

    package var name: String
    /// When it was made, as the engine writes it.
    package var created: String
    package var first: UInt64
    package var last: UInt64
    package var bytes: UInt64
    /// Nil while none leads.
    package var leader: String?
    package var replicas: [Replica]
    /// The number of messages by subject, if that was asked for.
    var counts: [String: UInt64]

    /// Names the numbering of the messages.
    package var feedID: String { "\(name)@\(created)" }

    /// Reads the engine's answer to `EngineRequests.streamInfo`; nil if it is not one.
    init?(_ answer: JSONValue) {
        guard let name = answer["config"]?["name"]?.string, let created = answer["created"]?.string,
            let state = answer["state"], let first = state.count("first_seq"), let last = state.count("last_seq")
        else { return nil }
        self.name = name
        self.created = created
        (self.first, self.last) = (first, last)
        bytes = state.count("bytes") ?? 0
        leader = answer["cluster"]?["leader"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        replicas = (answer["cluster"]?["replicas"]?.array ?? []).compactMap { replica in
            guard let name = replica["name"]?.string else { return nil }
            return Replica(
                name: name,
                isCurrent: replica["current"] == true,
                isOffline: replica["offline"] == true,
                lag: replica.count("lag") ?? 0
            )
        }
        counts = [:]
        guard case .object(let subjects)? = state["subjects"] else { return }
        for subject in subjects { counts[subject.key] = subject.value.integer.flatMap { UInt64(exactly: $0) } }
    }
}

extension JSONValue {
    fileprivate func count(_ key: String) -> UInt64? { self[key]?.integer.flatMap { UInt64(exactly: $0) } }
}
