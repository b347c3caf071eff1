package import Text

/// The fleet at one moment, as its engine and its hosts show it.
package struct FleetOverview: Sendable, Equatable {
    package struct Engine: Sendable, Equatable {
        /// The addresses in this machine's configuration.
        package var servers: [String]
        /// Of the connected server; nil if it does not say.
        package var version: String?
        package var stream: StreamReport
    }

    package struct Host: Sendable, Equatable {
        package var name: String
        /// Nil for a host that is not heard.
        package var heartbeat: Heartbeat?
        /// When a host that is not heard last wrote its pulse.
        package var lastPulse: UTCTime?
        /// Whether the operator has it give up its cameras.
        package var isToDrain: Bool
        /// The number of cameras that are its own by the claims.
        package var cameras: Int

        /// `alive`, `draining` or `lost`.
        package var state: String { heartbeat.map { $0.isDraining ? "draining" : "alive" } ?? "lost" }
    }

    package struct Camera: Sendable, Equatable {
        package var name: String
        /// Nil if nobody has it.
        package var host: String?
        package var epoch: UInt64?
        /// Since when the host has it.
        package var since: UTCTime?
        /// The host that the operator has given it to.
        package var place: String?
        /// The records that came after another host had the camera.
        package var late: UInt64
    }

    /// What was read of the engine.
    struct Findings {
        var engine: Engine
        var revision: FleetRevision?
        /// The last messages of both buckets.
        var claims: [StoredMessage]
        var settings: [StoredMessage]
        var heartbeats: [Heartbeat]
        /// The cameras of the configuration; none if it cannot be read.
        var configured: [String]
    }

    /// A host that has been silent for longer has left.
    private static let memory = Duration.seconds(86_400)

    package var engine: Engine
    package var revision: FleetRevision?
    package var hosts: [Host]
    package var cameras: [Camera]
    /// Which host delivers the records for the fleet; nil if none does.
    package var deliverer: FleetClaim?
    /// How far each receiver has them.
    package var marks: [String: FleetMark] = [:]

    package var late: UInt64 { cameras.reduce(0) { $0 + $1.late } }

    init(_ findings: Findings, at now: UTCTime) {
        engine = findings.engine
        revision = findings.revision
        let claims = Self.claims(findings.claims)
        let late = Self.late(findings.engine.stream.counts)
        for message in findings.claims where !message.isRemoved {
            switch FleetSubjects.ClaimKey(subject: message.subject) {
            case .deliveries:
                let owner = String(decoding: message.payload, as: UTF8.self)
                deliverer = FleetClaim(owner: owner, revision: message.sequence, since: message.time)
            case .mark(let receiver): marks[receiver] = FleetMark(parsing: message.payload)
            case .camera, .pulse, nil: break
            }
        }
        var (drained, places): (Set<String>, [String: String]) = ([], [:])
        for message in findings.settings where !message.isRemoved {
            switch FleetSubjects.SettingKey(subject: message.subject) {
            case .drain(let host): drained.insert(host)
            case .place(let camera): places[camera] = String(decoding: message.payload, as: UTF8.self)
            case .configuration, nil: break
            }
        }
        var pulses: [String: UTCTime] = [:]
        for message in findings.claims {
            guard case .pulse(let host)? = FleetSubjects.ClaimKey(subject: message.subject), let time = message.time,
                now - Self.memory < time
            else { continue }
            pulses[host] = time
        }
        let counts = Dictionary(claims.values.compactMap { $0.owner }.map { ($0, 1) }, uniquingKeysWith: +)
        let heard = Dictionary(findings.heartbeats.map { ($0.host, $0) }) { $1 }
        let names = Set(heard.keys).union(counts.keys).union(pulses.keys).union(drained)
        hosts = names.sorted().map { name in
            Host(
                name: name,
                heartbeat: heard[name],
                lastPulse: heard[name] == nil ? pulses[name] : nil,
                isToDrain: drained.contains(name),
                cameras: counts[name] ?? 0
            )
        }
        let owned = claims.filter { $0.value.owner != nil }.keys
        cameras = Set(owned).union(findings.configured).union(late.keys).sorted().map { name in
            let claim = claims[name].flatMap { $0.owner == nil ? nil : $0 }
            return Camera(
                name: name,
                host: claim?.owner,
                epoch: claim?.revision,
                since: claim?.since,
                place: places[name],
                late: late[name] ?? 0
            )
        }
    }

    static func claims(_ messages: [StoredMessage]) -> [String: FleetClaim] {
        var claims: [String: FleetClaim] = [:]
        for message in messages {
            guard case .camera(let camera)? = FleetSubjects.ClaimKey(subject: message.subject) else { continue }
            let owner = message.isRemoved ? nil : String(decoding: message.payload, as: UTF8.self)
            claims[camera] = FleetClaim(owner: owner, revision: message.sequence, since: message.time)
        }
        return claims
    }

    private static func late(_ counts: [String: UInt64]) -> [String: UInt64] {
        var late: [String: UInt64] = [:]
        for (subject, count) in counts {
            guard let record = FleetSubjects.record(subject), record.isLate else { continue }
            late[record.camera, default: 0] += count
        }
        return late
    }
}

extension FleetOperator {
    /// The fleet now.
    ///
    /// - Parameters:
    ///   - servers: the addresses in this machine's configuration.
    ///   - revision: the configuration that holds.
    ///   - configured: its cameras; none if it cannot be read.
    ///   - limit: how long hosts are listened to.
    package func overview(
        servers: [String],
        revision: FleetRevision?,
        configured: [String],
        listening limit: Duration
    ) throws(FleetError) -> FleetOverview {
        var version: String?
        if case .value(let answer) = client.ask(EngineRequests.userInfo) {
            version = answer["server"]?["ver"]?.string
        }
        let stream = try client.report(of: FleetSubjects.stream, counting: FleetSubjects.allLate)
        let claims = try client.lastMessages(of: FleetSubjects.claimsStream, on: FleetSubjects.allClaims)
        let settings = try client.lastMessages(of: FleetSubjects.configurationStream, on: FleetSubjects.allSettings)
        let findings = FleetOverview.Findings(
            engine: FleetOverview.Engine(servers: servers, version: version, stream: stream),
            revision: revision,
            claims: claims,
            settings: settings,
            heartbeats: try hosts(within: limit),
            configured: configured
        )
        return FleetOverview(findings, at: WallClock.now)
    }
}
