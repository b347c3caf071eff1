/// The operator's settings for the fleet: the engine, and this host in it.
package struct FleetSettings: Sendable, Equatable {
    /// `nats://host:port` or `tls://host:port`.
    package var servers: [String]
    package var user: String?
    package var password: String?
    /// The path of a credentials file: a user's JWT and seed.
    package var credentials: String?
    /// A user's public NKey, and the path of the file with its seed.
    package var nkey: String?
    package var nkeySeed: String?
    /// A PEM file of the certificates to trust; nil for the system's.
    package var ca: String?
    /// The PEM files of this host's certificate and key; both or neither.
    package var clientCertificate: String?
    package var clientKey: String?
    /// This host's name, which no other host has.
    package var host: String
    /// The frames per second that this host recognises at most; nil for as many as it has measured.
    package var capacity: Double?
    package var rhythm = FleetRhythm()

    package init(servers: [String] = [], host: String = "") {
        self.servers = servers
        self.host = host
    }

    var usesTLS: Bool { servers.contains { $0.hasPrefix("tls://") } || ca != nil || clientCertificate != nil }
}

extension FleetSettings {
    /// Whether a text is the address of a server: `nats://host`, `nats://host:port` or `tls://…`. An IPv6 address is in
    /// brackets, and a user is refused.
    package static func isServer(_ address: String) -> Bool {
        guard let scheme = ["nats://", "tls://"].first(where: { address.hasPrefix($0) }) else { return false }
        var rest = address.dropFirst(scheme.count)
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            let host = rest[..<end].dropFirst()
            guard !host.isEmpty, host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return false }
            rest = rest[end...].dropFirst()
        } else {
            let host = rest.prefix { $0 != ":" }
            let plain = host.utf8.filter { $0 != UInt8(ascii: ".") }
            guard !host.isEmpty, plain.allSatisfy(FleetSubjects.isPlain) else { return false }
            rest = rest[host.endIndex...]
        }
        guard let colon = rest.first else { return true }
        return colon == ":" && UInt16(rest.dropFirst()).map { $0 > 0 } == true
    }
}

/// Printing the settings does not show the password.
extension FleetSettings: CustomStringConvertible, CustomReflectable {
    package var description: String { "host \(host) at \(servers.joined(separator: ", "))" }
    package var customMirror: Mirror { Mirror(self, children: ["host": host, "servers": servers]) }
}

/// How often hosts report, and how long one may be silent.
package struct FleetRhythm: Sendable, Equatable {
    /// The time between a host's heartbeats.
    package var heartbeat = Duration.seconds(1)
    /// The time between the writings of a host's pulse, a heartbeat that is stored. It shows the host that its watch of
    /// the claims works, and the others that it lives where heartbeats do not come: between two servers that have lost
    /// each other, but not the third one.
    package var pulse = Duration.milliseconds(1500)
    /// A host that is silent for this long has failed.
    package var patience = Duration.seconds(4)

    package init() {}

    /// For networks without hiccups.
    package static var quick: FleetRhythm {
        var rhythm = FleetRhythm()
        rhythm.heartbeat = .milliseconds(500)
        rhythm.patience = .seconds(2)
        return rhythm
    }

    /// The longest time between two of its own heartbeats at which a host hears without interruption.
    var hearing: Duration { heartbeat * 2 }
}
