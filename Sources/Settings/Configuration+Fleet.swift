package import ConfigurationText

extension Configuration {
    /// The host's configuration with the fleet's: `fleetStreams` are what the hosts of the fleet share out. Streams and
    /// defaults come from the fleet, everything else from the host.
    ///
    /// - Parameters:
    ///   - text: YAML, as the fleet's servers keep it.
    ///   - file: names the text in diagnostics.
    ///   - host: of the host's own file.
    ///   - environment: the source of `${NAME}` and of the credentials directory. No `WATCHWORD_…` variable overrides the
    ///     fleet.
    ///   - modelDefaults: finds the defaults of the host's model.
    /// - Throws: every error in the text, in its order.
    package static func decode(
        fleet text: String,
        file: String,
        on host: Configuration,
        environment: [String: String] = [:],
        modelDefaults: @escaping ModelDefaults.Lookup = { _ in nil }
    ) throws(ConfigurationError) -> Configuration {
        let context = DecodingContext(interpolation: Interpolation(environment: environment), isShared: true)
        return try decode(fleet: text, file: file, on: host, context, modelDefaults)
    }

    /// Checks the fleet's configuration away from its hosts: what `${NAME}` stands for and the example clips are theirs, and
    /// are not looked up.
    ///
    /// - Parameters:
    ///   - text: YAML.
    ///   - file: the file's name in diagnostics.
    ///   - machine: the configuration of the machine where it is checked, for its model.
    ///   - modelDefaults: finds the defaults of that model.
    /// - Throws: every error in the text, in its order.
    package static func check(
        fleet text: String,
        file: String,
        by machine: Configuration,
        modelDefaults: @escaping ModelDefaults.Lookup = { _ in nil }
    ) throws(ConfigurationError) -> Configuration {
        let context = DecodingContext(interpolation: .unknown, isShared: true, readsClips: false)
        // The streams of this machine's own file are no host's.
        var host = machine
        host.streams = []
        return try decode(fleet: text, file: file, on: host, context, modelDefaults)
    }

    private static func decode(
        fleet text: String,
        file: String,
        on host: Configuration,
        _ context: DecodingContext,
        _ modelDefaults: @escaping ModelDefaults.Lookup
    ) throws(ConfigurationError) -> Configuration {
        var decoder = ConfigurationDecoder(fleetFile: file, context: context, modelDefaults: modelDefaults)
        return try decoder.decode(fleet: YAMLDocument(text, file: file), on: host)
    }
}
