import Text

/// What a host reports of itself once a second.
package struct Heartbeat: Sendable, Equatable {
    package var host: String
    /// Names one run of the host's program.
    package var run: String
    /// The frames per second that it recognises at most.
    package var capacity: Double
    /// The frames per second of the cameras that it has; nil if it does not say.
    package var load: Double?
    package var isDraining: Bool
    /// Whether the host takes no further cameras, since it cannot follow the fleet's configuration.
    package var isClosed: Bool
    /// The digests of the models that it has.
    package var models: [String]
    /// The revision of the fleet's configuration that it follows; nil for none.
    package var revision: UInt64?
    /// The program's version.
    package var version: String

    package init(
        host: String,
        run: String,
        capacity: Double,
        load: Double? = nil,
        isDraining: Bool = false,
        isClosed: Bool = false,
        models: [String] = [],
        revision: UInt64? = nil,
        version: String
    ) {
        self.host = host
        self.run = run
        self.capacity = capacity
        self.load = load
        self.isDraining = isDraining
        self.isClosed = isClosed
        self.models = models
        self.revision = revision
        self.version = version
    }

    init?(parsing bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), let host = value["host"]?.string, !host.isEmpty,
            let run = value["run"]?.string, let capacity = value["capacity"]?.number, capacity.isFinite, capacity >= 0,
            case .bool(let isDraining)? = value["draining"], let version = value["version"]?.string
        else { return nil }
        self.init(
            host: host,
            run: run,
            capacity: capacity,
            load: value["load"]?.number,
            isDraining: isDraining,
            isClosed: value["closed"] == true,
            models: (value["models"]?.array ?? []).compactMap(\.string),
            revision: value["revision"]?.integer.flatMap { UInt64(exactly: $0) },
            version: version
        )
    }

    var line: JSONLine {
        var line = JSONLine()
        line.add("host", host)
        line.add("run", run)
        line.add("capacity", capacity)
        if let load { line.add("load", load) }
        line.add("draining", isDraining)
        if isClosed { line.add("closed", true) }
        line.add("models", models)
        if let revision { line.add("revision", revision) }
        line.add("version", version)
        return line
    }

    var placementHost: Placement.Host {
        Placement.Host(
            name: host,
            capacity: capacity,
            isDraining: isDraining,
            isClosed: isClosed,
            models: Set(models)
        )
    }
}
