import ConfigurationText
import Text

/// One key of a section: how it is read, checked, shown and described. A section's schema is an array of these, so an option
/// is added in one place. The decoder, the JSON Schema and the command line are made from it; tests compare the commented
/// file and the documentation with it.
struct OptionKey<Section> {
    /// Sets the section's value from the node. Returns the text to show for it; nil if the value is wrong and was reported.
    typealias Read = (
        _ node: SourceNode, _ path: String, _ section: inout Section, _ context: inout DecodingContext
    ) -> String?

    let name: String
    /// Whether an environment variable, which holds one value, can set it.
    let isSingleValue: Bool
    /// The form of the value in the JSON Schema.
    let schema: JSONValue
    /// The values allowed; nil if the values have no order.
    let range: OptionRange?
    let read: Read
    /// The value in force, as people write it.
    let show: (Section) -> String
    /// The value in force as JSON; nil if the file cannot express it.
    let json: (Section) -> JSONValue?
    /// The purpose, in sentences that read alone. The range is not part of them.
    private(set) var meaning = ""

    /// The purpose and the range: for the JSON Schema and the command line's help.
    var description: String { range.map { "\(meaning) From \($0.text)." } ?? meaning }

    /// - Parameter json: the value as JSON; the text of `show` if nil.
    init(
        name: String,
        isSingleValue: Bool = true,
        schema: JSONValue,
        range: OptionRange? = nil,
        read: @escaping Read,
        show: @escaping (Section) -> String,
        json: ((Section) -> JSONValue?)? = nil
    ) {
        self.name = name
        self.isSingleValue = isSingleValue
        self.schema = schema
        self.range = range
        self.read = read
        self.show = show
        self.json = json ?? { .string(show($0)) }
    }

    func meaning(_ text: String) -> OptionKey {
        var key = self
        key.meaning = text
        return key
    }

    /// The same key for a section that holds this key's section.
    func within<Outer>(_ target: WritableKeyPath<Outer, Section>) -> OptionKey<Outer> {
        OptionKey<Outer>(
            name: name,
            isSingleValue: isSingleValue,
            schema: schema,
            range: range
        ) { node, path, section, context in
            read(node, path, &section[keyPath: target], &context)
        } show: {
            show($0[keyPath: target])
        } json: {
            json($0[keyPath: target])
        }.meaning(meaning)
    }
}

/// The values that a key allows, both ends included, as people write them.
struct OptionRange: Equatable {
    let low: String
    let high: String

    /// `100ms to 1h`
    var text: String { "\(low) to \(high)" }
}
