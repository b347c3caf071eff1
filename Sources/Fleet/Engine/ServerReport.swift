import Text

/// What a server reports of itself.
struct ServerReport: Sendable, Equatable {
    var name: String
    var version: ServerVersion?
    /// Whether it keeps streams at all.
    var keepsStreams: Bool
    /// Whether it acknowledges only what is on the disk; nil if it does not say.
    var flushesAlways: Bool?

    /// Reads a server's answer to `EngineRequests.serverReports` or `.userInfo`; nil if it is not one.
    init?(_ answer: JSONValue) {
        guard let server = answer["server"], let name = server["name"]?.string else { return nil }
        self.name = name
        version = server["ver"]?.string.flatMap(ServerVersion.init)
        keepsStreams = server["jetstream"] == true
        if let configuration = answer["data"]?["config"] { flushesAlways = configuration["sync_always"] == true }
    }

    /// What keeps a fleet from using the server, one line each with the remedy.
    func faults(isTrial: Bool) -> [String] {
        var faults: [String] = []
        if let version, version < .oldest {
            faults.append(
                "server \(name) is NATS \(version): a fleet needs \(ServerVersion.oldest) or later, since earlier ones let two"
                    + " hosts claim one camera"
            )
        } else if version == nil {
            faults.append(
                "server \(name) does not report its version: a fleet needs NATS \(ServerVersion.oldest) or later"
            )
        }
        if keepsStreams, !isTrial, flushesAlways == false {
            faults.append("server \(name) acknowledges records before they are on its disk: set sync_interval: always")
        }
        return faults
    }
}

/// The version of a NATS server.
struct ServerVersion: Sendable, Equatable, Comparable, CustomStringConvertible {
    var major: Int
    var minor: Int

    /// Compares the expected sequence when a message is applied, not only when it is proposed; and compares it on all
    /// subjects of a filter.
    static let oldest = ServerVersion(major: 2, minor: 14)
}

extension ServerVersion {
    init?(_ text: String) {
        let parts = text.split(separator: ".")
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1]), major >= 0, minor >= 0 else {
            return nil
        }
        self.init(major: major, minor: minor)
    }

    var description: String { "\(major).\(minor)" }

    static func < (left: ServerVersion, right: ServerVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
