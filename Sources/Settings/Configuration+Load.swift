import Text

extension Configuration {
    /// Bytes; a configuration beyond this is some other file.
    package static let fileLimit = 1 << 20

    /// Reads and checks the file at `path`, with the `WATCHWORD_…` variables and credentials of `environment`.
    ///
    /// - Parameter modelDefaults: finds the defaults of the model that the file names.
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

    /// Checks a configuration's text; `file` is what diagnostics call it, `modelDefaults` finds what the model of that
    /// path says of itself.
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
