package import ConfigurationText
import Text

extension Configuration {
    /// The limit of the file's size, in bytes. A larger file is not a configuration.
    package static let fileLimit = 1 << 20

    /// Reads and checks a configuration file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - environment: the source of `WATCHWORD_…` variables, of `${NAME}` and of the credentials directory.
    ///   - modelDefaults: finds the defaults of the model that the file names.
    /// - Throws: every error in the file, in file order.
    package static func load(
        path: String,
        environment: [String: String],
        modelDefaults: @escaping ModelDefaults.Lookup
    ) throws(ConfigurationError) -> Configuration {
        let text: String
        do throws(TextFile.Failure) {
            text = try TextFile.read(path, limit: fileLimit)
        } catch {
            throw ConfigurationError([error.diagnostic(path)])
        }
        return try decode(text, file: path, environment: environment, modelDefaults: modelDefaults)
    }

    /// Checks the text of a configuration.
    ///
    /// - Parameters:
    ///   - text: YAML.
    ///   - file: the file's name in diagnostics; relative paths in the text start at its directory.
    ///   - environment: the source of `WATCHWORD_…` variables, of `${NAME}` and of the credentials directory.
    ///   - modelDefaults: finds the defaults of the model that the text names.
    /// - Throws: every error in the text, in file order.
    package static func decode(
        _ text: String,
        file: String,
        environment: [String: String] = [:],
        modelDefaults: @escaping ModelDefaults.Lookup = { _ in nil }
    ) throws(ConfigurationError) -> Configuration {
        var decoder = ConfigurationDecoder(file: file, environment: environment, modelDefaults: modelDefaults)
        return try decoder.decode(YAMLDocument(text, file: file))
    }
}
