import ConfigurationText
import Fleet
import System

extension ConfigurationDecoder {
    /// The most streams of a fleet.
    static let fleetStreamLimit = 4096
    /// What the fleet's configuration holds. Everything else is each host's own.
    private static let shared = ["model", "defaults", "streams", "mqtt", "webhooks"]

    /// Reads this host's place in a fleet. Returns nil if it has none; `check` then shows only the missing servers.
    mutating func fleet(_ root: SourceNode) -> FleetSettings? {
        let before = settings.count
        let initial = SourcedSection(FleetSettings(host: MachineName.current ?? ""))
        let section = section("fleet", Schema.fleet, initial, root)
        guard !section.value.servers.isEmpty else {
            keepSettings(before + 1)
            if let place = section.places.values.min(), !section.failed.contains("servers") {
                let remedy = "add servers: [tls://a.local:4222, …], or remove fleet:"
                context.report(place, "fleet has no servers", remedy: remedy)
            }
            return nil
        }
        check(section)
        return section.value
    }

    private mutating func check(_ section: SourcedSection<FleetSettings>) {
        let settings = section.value
        let place = section.places["servers"] ?? .file(file)
        if settings.host.isEmpty, !section.failed.contains("host") {
            context.report(place, "fleet.host is not set, and this machine has no name", remedy: "add fleet.host")
        }
        for (key, other, isAlone) in [
            ("password", "user", settings.password != nil && settings.user == nil),
            ("nkey", "nkey_seed", settings.nkey != nil && settings.nkeySeed == nil),
            ("nkey_seed", "nkey", settings.nkeySeed != nil && settings.nkey == nil),
            ("client_cert", "client_key", settings.clientCertificate != nil && settings.clientKey == nil),
            ("client_key", "client_cert", settings.clientKey != nil && settings.clientCertificate == nil),
        ] {
            guard isAlone, !section.failed.contains(other), let place = section.places[key] else { continue }
            context.report(place, "fleet.\(key) is set without fleet.\(other)", remedy: "set both or neither")
        }
        let identities = ["user", "credentials", "nkey"].filter { section.shown[$0].map { $0 != "none" } ?? false }
        if identities.count > 1, let place = section.places[identities[1]] {
            let message = "fleet has both \(identities[0]) and \(identities[1])"
            context.report(place, message, remedy: "keep the one that the servers know this host by")
        }
        let secure = settings.servers.count { $0.hasPrefix("tls://") }
        if secure > 0, secure < settings.servers.count {
            context.report(place, "some of fleet.servers use TLS and some do not", remedy: "write tls:// for each")
        }
        guard secure == 0 else { return }
        for key in ["ca", "client_cert", "client_key"] {
            guard let place = section.places[key], !section.failed.contains(key), section.shown[key] != "none" else {
                continue
            }
            context.report(place, "fleet.\(key) is for TLS, which fleet.servers do not use", remedy: "write tls://")
        }
    }

    /// Reads the fleet's own configuration.
    ///
    /// - Parameter host: the configuration of the host that reads it.
    mutating func decode(fleet document: YAMLDocument, on host: Configuration) throws(ConfigurationError)
        -> Configuration
    {
        context.report(document.diagnostics)
        guard let root = document.root else { throw error }
        guard case .mapping(let entries) = root.content else {
            context.report(root.place, "the file holds \(root.kind)", remedy: "write keys in it, such as streams:")
            throw error
        }
        for entry in entries where !Self.shared.contains(entry.key) && !entry.key.hasPrefix("x-") {
            if Schema.sections.contains(where: { $0.name == entry.key }) {
                let message = "\(entry.key): is each host's own, and has no place in the fleet's configuration"
                context.report(entry.keyPlace, message, remedy: "write it in the hosts' files")
            } else {
                context.reportUnknown(entry, in: nil, known: Self.shared)
            }
        }
        let model = section("model", Schema.fleetModel, SourcedSection(FleetModel()), root)
        // Pictures stay with the host that made them.
        let mqtt = mqtt(root)
        let webhooks = webhooks(root, EventSettings())
        let defaults = defaults(root, SourcedSection(host.model))
        let decoder = StreamDecoder(defaults: defaults, names: host.streamPlaces)
        let streams = streams(root, decoder, limit: Self.fleetStreamLimit)
        guard context.diagnostics.isEmpty else { throw error }
        var joined = host
        joined.fleetStreams = streams
        (joined.fleetMQTT, joined.fleetWebhooks) = (mqtt, webhooks)
        joined.fleetModel = model.value.digest
        joined.settings += settings
        joined.secrets.insert(context.secrets)
        return joined
    }
}

/// What the fleet's configuration says of its hosts' model.
struct FleetModel: Sendable, Equatable {
    /// Hosts with another model take no cameras.
    var digest: String?
}

extension Configuration {
    /// Where the host's own streams are.
    fileprivate var streamPlaces: [String: Place] {
        var places: [String: Place] = [:]
        for stream in streams {
            let setting = settings.first { $0.path == "streams.\(stream.name).url" }
            places[stream.name] = setting?.place ?? .file("the host's own file")
        }
        return places
    }
}
