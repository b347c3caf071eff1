import Text

/// The requests of the engine's API, as JSON over plain messages. A stream's leader answers each of them.
enum EngineRequests {
    private static let api = "$JS.API."

    /// Where a consumer begins.
    enum Start: Sendable, Equatable {
        /// At this sequence, or at the first kept one after it.
        case sequence(UInt64)
        /// With the last message of each subject of these filters.
        case lastOfEach([String])
    }

    static func streamInfo(_ stream: String) -> EngineMessage { request("STREAM.INFO.\(stream)") }

    /// With the number of messages on each subject of a filter.
    static func streamInfo(_ stream: String, counting filter: String) -> EngineMessage {
        request("STREAM.INFO.\(stream)", ["subjects_filter": .string(filter)])
    }

    static func create(_ object: EngineObject) -> EngineMessage {
        request("STREAM.CREATE.\(object.name)", object.configuration)
    }

    /// The last message on a subject, which may hold wildcards. Never the direct get, which an outdated replica may answer.
    static func last(_ stream: String, on subject: String) -> EngineMessage {
        request("STREAM.MSG.GET.\(stream)", ["last_by_subj": .string(subject)])
    }

    static func message(_ stream: String, at sequence: UInt64) -> EngineMessage {
        request("STREAM.MSG.GET.\(stream)", ["seq": .integer(Int64(clamping: sequence))])
    }

    /// The first message on a subject at a sequence or after it.
    static func next(_ stream: String, on subject: String, from sequence: UInt64) -> EngineMessage {
        request(
            "STREAM.MSG.GET.\(stream)",
            ["seq": .integer(Int64(clamping: sequence)), "next_by_subj": .string(subject)]
        )
    }

    /// A consumer in the memory of one server, which ends by itself after a minute without a request.
    static func createConsumer(_ name: String, of stream: String, from start: Start) -> EngineMessage {
        var configuration: [(String, JSONValue)] = [
            ("name", .string(name)), ("ack_policy", "none"), ("replay_policy", "instant"), ("mem_storage", true),
            ("num_replicas", 1), ("inactive_threshold", .integer(60_000_000_000)),
        ]
        switch start {
        case .sequence(let sequence):
            configuration.append(("deliver_policy", "by_start_sequence"))
            configuration.append(("opt_start_seq", .integer(Int64(clamping: max(sequence, 1)))))
        case .lastOfEach(let filters):
            configuration.append(("deliver_policy", "last_per_subject"))
            configuration.append(("filter_subjects", .array(filters.map { .string($0) })))
        }
        let members = configuration.map { JSONValue.Member(key: $0.0, value: $0.1) }
        return request(
            "CONSUMER.CREATE.\(stream).\(name)",
            ["stream_name": .string(stream), "config": .object(members), "action": "create"]
        )
    }

    /// Asks a consumer for messages. While it has none it sends heartbeats.
    static func next(_ count: Int, of consumer: String, of stream: String) -> EngineMessage {
        let heartbeat = StreamReading.heartbeat * 1_000_000_000
        return request(
            "CONSUMER.MSG.NEXT.\(stream).\(consumer)",
            [
                "batch": .integer(Int64(count)), "expires": .integer(heartbeat * 10),
                "idle_heartbeat": .integer(heartbeat),
            ]
        )
    }

    /// Asks every server for its state. Only a user of the system account gets answers.
    static var serverReports: EngineMessage {
        EngineMessage(subject: "$SYS.REQ.SERVER.PING.JSZ", payload: Array(#"{"config":true}"#.utf8))
    }

    /// The version of the connected server.
    static var userInfo: EngineMessage { EngineMessage(subject: "$SYS.REQ.USER.INFO") }

    private static func request(_ subject: String, _ body: JSONValue? = nil) -> EngineMessage {
        var bytes: [UInt8] = []
        body?.writeJSON(into: &bytes)
        return EngineMessage(subject: api + subject, payload: bytes)
    }
}
