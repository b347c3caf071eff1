import Foundation

/// What a model says of its own use: `watchword.json` in its directory, with keys of `defaults:`, such as the window it
/// was trained for and the texts its labels are to be measured against. The configuration's own `defaults:` go over it.
public struct ModelDefaults: Sendable {
    /// From `model.path` to what that model says; nil where it says nothing or cannot be found, which loading it reports.
    public typealias Lookup = @Sendable (String) -> ModelDefaults?

    static let fileName = "watchword.json"
    private static let fileLimit = 1 << 16

    let path: String

    /// The defaults of the model that `model.path` or `--model` names.
    @Sendable public static func ofModel(_ name: String) -> ModelDefaults? {
        guard let directory = try? ModelLocation.directory(of: name) else { return nil }
        let path = directory + "/" + fileName
        return FileManager.default.fileExists(atPath: path) ? ModelDefaults(path: path) : nil
    }

    /// The built-in options with those of the model `name` put over them.
    ///
    /// - Throws: `OperationError` with every place in the model's file that is wrong.
    public static func options(ofModel name: String) throws(OperationError) -> StreamOptions {
        try section(ofModel: name).value
    }

    /// The window that the model was trained for; nil where it does not say.
    static func statedWindow(ofModel name: String) throws(OperationError) -> Duration? {
        let options = try section(ofModel: name)
        return options.places["window"] == nil ? nil : options.value.window
    }

    private static func section(ofModel name: String) throws(OperationError) -> SourcedSection<StreamOptions> {
        var options = SourcedSection(StreamOptions())
        guard let defaults = ofModel(name) else { return options }
        var context = DecodingContext(interpolation: Interpolation(environment: [:]))
        defaults.read(into: &options, &context)
        context.checkRules(options.rules, own: Array(options.places.keys), path: "defaults")
        guard context.diagnostics.isEmpty else {
            throw OperationError(ConfigurationError(context.diagnostics).description)
        }
        return options
    }

    /// Puts what the file says over `options`; reports what is wrong with it.
    func read(into options: inout SourcedSection<StreamOptions>, _ context: inout DecodingContext) {
        do throws(TextFile.Failure) {
            // JSON is YAML: the configuration's own reader gives the same keys, checks and places.
            let document = YAMLDocument(try TextFile.read(path, limit: Self.fileLimit), file: path)
            context.report(document.diagnostics)
            guard let root = document.root else { return }
            context.read(root, into: &options, Schema.stream, path: "defaults")
        } catch {
            context.report([error.diagnostic(path)])
        }
    }
}
