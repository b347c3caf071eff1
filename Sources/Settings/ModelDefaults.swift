import Foundation
package import Text

/// What a model says of its own use: `watchword.json` in its directory, with keys of `defaults:`, such as the window it
/// was trained for and the texts its labels are to be measured against. The configuration's own `defaults:` go over it.
package struct ModelDefaults: Sendable {
    /// From `model.path` to what that model says; nil where it says nothing or cannot be found, which loading it reports.
    package typealias Lookup = @Sendable (String) -> ModelDefaults?

    package static let fileName = "watchword.json"
    private static let fileLimit = 1 << 16

    let path: String

    package init(path: String) { self.path = path }

    /// The built-in options with the model's own put over them.
    ///
    /// - Throws: `OperationError` with every mistake in the model's file and its place.
    package func options() throws(OperationError) -> StreamOptions { try section().value }

    /// The window that the model was trained for; nil if the file names none.
    package func statedWindow() throws(OperationError) -> Duration? {
        let options = try section()
        return options.places["window"] == nil ? nil : options.value.window
    }

    private func section() throws(OperationError) -> SourcedSection<StreamOptions> {
        var options = SourcedSection(StreamOptions())
        var context = DecodingContext(interpolation: Interpolation(environment: [:]))
        read(into: &options, &context)
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
