package import Text

/// A stream that the fleet keeps in the engine; a bucket is a stream, too.
package struct EngineObject: Sendable, Equatable {
    package var name: String
    /// As the engine's API takes it.
    package var configuration: JSONValue

    /// The members that must be as they are here. Operators may change the others, such as how long records are kept.
    private static let fixed = [
        "subjects", "retention", "storage", "discard", "deny_delete", "deny_purge", "max_msgs_per_subject",
    ]

    /// What a fleet keeps.
    package struct Limits: Sendable, Equatable {
        /// The number of servers that hold each object: 3, or 1 for a trial.
        package var replicas: Int64
        /// How long records are kept.
        package var keep: Duration
        /// The most bytes of records.
        package var bytes: Int64

        package init(
            replicas: Int64 = 3,
            keep: Duration = .seconds(30 * 86_400),
            bytes: Int64 = 20_000_000_000
        ) {
            self.replicas = replicas
            self.keep = keep
            self.bytes = bytes
        }
    }

    package static func all(_ limits: Limits) -> [EngineObject] {
        [
            EngineObject(
                FleetSubjects.stream,
                subjects: FleetSubjects.streamSubjects,
                replicas: limits.replicas,
                [
                    ("discard", "old"), ("max_msgs_per_subject", -1), ("deny_purge", true),
                    ("max_age", .integer(limits.keep.components.seconds * 1_000_000_000)),
                    ("max_bytes", .integer(limits.bytes)),
                    // The engine refuses one that is longer than it keeps messages.
                    ("duplicate_window", .integer(min(120, limits.keep.components.seconds) * 1_000_000_000)),
                    ("allow_atomic", true),
                ]
            ),
            bucket(FleetSubjects.claimsBucket, history: 1, limits),
            bucket(FleetSubjects.configurationBucket, history: 10, limits),
        ]
    }

    /// As the engine's own tools make a bucket, so that they can show it.
    private static func bucket(_ name: String, history: Int64, _ limits: Limits) -> EngineObject {
        EngineObject(
            "KV_" + name,
            subjects: ["$KV.\(name).>"],
            replicas: limits.replicas,
            [
                ("discard", "new"), ("max_msgs_per_subject", .integer(history)), ("deny_purge", false),
                ("allow_rollup_hdrs", true),
            ]
        )
    }

    private init(_ name: String, subjects: [String], replicas: Int64, _ more: [(String, JSONValue)]) {
        self.name = name
        let members: [(String, JSONValue)] =
            [
                ("name", .string(name)), ("subjects", .array(subjects.map { .string($0) })), ("retention", "limits"),
                ("storage", "file"), ("num_replicas", .integer(replicas)), ("deny_delete", true),
                ("allow_direct", false),
            ] + more
        configuration = .object(members.map { JSONValue.Member(key: $0.0, value: $0.1) })
    }

    /// The messages of a stream that is made are numbered from above this one.
    mutating func begin(after number: UInt64) {
        guard case .object(let members) = configuration else { return }
        let first = JSONValue.Member(key: "first_seq", value: .integer(Int64(clamping: number &+ 1)))
        configuration = .object(members + [first])
    }

    /// Whether the stream takes batches, which an earlier version's stream does not.
    ///
    /// - Parameter info: the engine's description of the stream. A server that knows no batches leaves the member out.
    static func takesBatches(_ info: JSONValue) -> Bool { info["config"]?["allow_atomic"] == true }

    /// What is wrong with the object in the engine, one line each.
    ///
    /// - Parameters:
    ///   - info: the engine's description of its stream.
    ///   - isTrial: whether fewer replicas are accepted.
    func faults(_ info: JSONValue, isTrial: Bool) -> [String] {
        guard let actual = info["config"] else { return ["\(name): the server does not describe it"] }
        var faults: [String] = []
        for key in Self.fixed {
            // The engine leaves out what is false.
            guard let wanted = configuration[key] else { continue }
            let found = actual[key] ?? false
            guard found != wanted else { continue }
            faults.append("\(name): \(key) is \(found.text()) and must be \(wanted.text())")
        }
        let replicas = actual["num_replicas"]?.integer ?? 1
        if replicas < 3, !isTrial {
            faults.append("\(name): \(replicas) replica and must be 3, so that the fleet survives the loss of a server")
        }
        return faults
    }
}
