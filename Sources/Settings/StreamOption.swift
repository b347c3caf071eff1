import ConfigurationText
package import Text

/// One key of `defaults:` for the command line: its description, default and reader are those of the declaration that
/// `check` reads the configuration by.
package struct StreamOption {
    private let key: OptionKey<StreamOptions>

    /// - Parameter name: a key of `defaults:`, `reuse` or `precision`. Any other name is a programmer error.
    package init(_ name: String) {
        let keys = Schema.stream + Schema.ofModel
        guard let key = keys.first(where: { $0.name == name }) else { preconditionFailure("no option \(name)") }
        self.key = key
    }

    /// The purpose and the range, in sentences.
    package var description: String { key.description }

    /// The built-in default, as people write it. A model may have its own.
    package var defaultText: String { key.show(StreamOptions()) }

    /// Sets the option from a text, with the checks and messages of the configuration.
    ///
    /// - Parameters:
    ///   - text: the value as the configuration writes it; a `${NAME}` without a default is an error.
    ///   - options: where the value goes; unchanged if the text is wrong.
    ///   - source: the value's name in messages, such as `--min-duration`.
    /// - Throws: `OperationError` that names the source, the mistake and the remedy.
    package func set(_ text: String, in options: inout StreamOptions, source: String) throws(OperationError) {
        var context = DecodingContext(interpolation: Interpolation(environment: [:]))
        let node = SourceNode(content: .scalar(text, isPlain: true), place: .variable(source))
        if key.read(node, source, &options, &context) == nil, let fault = context.diagnostics.first {
            throw OperationError("\(fault.message); \(fault.remedy)")
        }
        options.forgetTextThresholds(setting: [key.name])
    }
}
