import ArgumentParser
import ConfigurationText
import Fleet
import Settings

struct FleetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Work with a fleet: many hosts that share out the streams of one configuration.",
        subcommands: [
            Init.self, Apply.self, Show.self, Status.self, Drain.self, Undrain.self, Move.self,
        ]
    )
}

/// The connection with a fleet's servers, from the configuration's `fleet:`.
struct FleetConnection: ParsableArguments {
    @OptionGroup var file: ConfigurationFile

    /// - Throws: `ConfigurationError` if the file has no `fleet:`.
    func load() throws -> (configuration: Configuration, settings: FleetSettings) {
        let configuration = try file.load()
        return (configuration, try configuration.requiredFleet(file: file.config))
    }

    func connect() throws -> (configuration: Configuration, fleet: FleetOperator) {
        let (configuration, settings) = try load()
        return (configuration, FleetOperator(try EngineClient(settings)))
    }
}

extension Configuration {
    /// - Throws: `ConfigurationError` if there is no `fleet:`.
    func requiredFleet(file: String) throws -> FleetSettings {
        if let fleet { return fleet }
        let remedy = "add fleet: with the servers, or name another file with --config"
        throw ConfigurationError([Diagnostic(.file(file), "the file has no fleet:", remedy: remedy)])
    }
}
