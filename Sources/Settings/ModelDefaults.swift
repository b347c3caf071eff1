import ConfigurationText
import Foundation
package import Text

/// A model's own defaults: `watchword.json` in its directory, with keys of `defaults:`, such as the window that the model
/// was trained for and its neutral texts, and with thresholds of single texts (`labels`). The `defaults:` of the configuration
/// override them.
package struct ModelDefaults: Sendable {
    /// Finds the defaults of a model by `model.path`. Returns nil if the model has none or does not exist; loading the model
    /// reports the latter.
    package typealias Lookup = @Sendable (String) -> ModelDefaults?

    package static let fileName = "watchword.json"
    private static let fileLimit = 1 << 16

    let path: String

    package init(path: String) { self.path = path }

    /// The built-in options, overridden by the model's own.
    ///
    /// - Throws: `OperationError` with every error in the model's file and its place.
    package func options() throws(OperationError) -> StreamOptions { try section().value }

    /// The window that the model was trained for; nil if the file does not set one.
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

    /// Overrides `options` with the file's keys, and reports errors in the file.
    func read(into options: inout SourcedSection<StreamOptions>, _ context: inout DecodingContext) {
        do throws(TextFile.Failure) {
            // JSON is YAML: the configuration's own reader gives the same keys, checks and places.
            let document = YAMLDocument(try TextFile.read(path, limit: Self.fileLimit), file: path)
            context.report(document.diagnostics)
            guard let root = document.root else { return }
            context.read(root, into: &options, Schema.stream, others: ["labels"], path: "defaults")
            options.value.textThresholds = root.entry("labels").map { TextThreshold.list($0.value, &context) } ?? []
            options.value.neutralSize = options.value.neutral.count
        } catch {
            context.report([error.diagnostic(path)])
        }
    }
}
