package import ConfigurationText
import Foundation
package import Settings
package import Text

extension ModelDefaults {
    /// The defaults of the model that `model.path` or `--model` names; nil if it has none or cannot be found.
    @Sendable package static func ofModel(_ name: String) -> ModelDefaults? {
        guard let directory = try? ModelLocation.directory(of: name) else { return nil }
        let path = directory + "/" + fileName
        return FileManager.default.fileExists(atPath: path) ? ModelDefaults(path: path) : nil
    }

    /// The built-in options with those of the model `name` put over them.
    ///
    /// - Throws: `OperationError` with every mistake in the model's file and its place.
    package static func options(ofModel name: String) throws(OperationError) -> StreamOptions {
        try ofModel(name)?.options() ?? StreamOptions()
    }

    /// The window that the model was trained for; nil if it names none.
    package static func statedWindow(ofModel name: String) throws(OperationError) -> Duration? {
        try ofModel(name)?.statedWindow()
    }
}

extension Configuration {
    /// Reads and checks the file at `path`, with the `WATCHWORD_…` variables and credentials of `environment`, over the
    /// defaults of the model that it names.
    package static func load(
        path: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> Configuration {
        try load(path: path, environment: environment, modelDefaults: ModelDefaults.ofModel)
    }

    /// Reads and checks the fleet's configuration on top of the host's own, as `load` does.
    package static func load(
        fleet text: String,
        file: String,
        on host: Configuration,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> Configuration {
        try decode(
            fleet: text,
            file: file,
            on: host,
            environment: environment,
            modelDefaults: ModelDefaults.ofModel
        )
    }
}
