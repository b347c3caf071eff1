import Text

/// One key of a section: how it is read, checked, shown and described. A section's schema is an array of these, and adding
/// an option is adding one.
struct OptionKey<Section> {
    /// Sets the section's value from the node; the text to show for it, or nil once what is wrong is reported.
    typealias Read = (
        _ node: SourceNode, _ path: String, _ section: inout Section, _ context: inout DecodingContext
    ) -> String?

    let name: String
    /// What an environment variable, a single value, can say.
    let isSingleValue: Bool
    /// What the JSON Schema says of the value.
    let schema: JSONValue
    let read: Read
    /// The value in force, as people would write it.
    let show: (Section) -> String
    /// The value in force as the file would have it in JSON; nil where no word says it.
    let json: (Section) -> JSONValue?
    /// What it is for, in a sentence for the JSON Schema.
    var meaning = ""

    /// `json`: unless given, the text of `show`.
    init(
        name: String,
        isSingleValue: Bool = true,
        schema: JSONValue,
        read: @escaping Read,
        show: @escaping (Section) -> String,
        json: ((Section) -> JSONValue?)? = nil
    ) {
        self.name = name
        self.isSingleValue = isSingleValue
        self.schema = schema
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
        OptionKey<Outer>(name: name, isSingleValue: isSingleValue, schema: schema) { node, path, section, context in
            read(node, path, &section[keyPath: target], &context)
        } show: {
            show($0[keyPath: target])
        } json: {
            json($0[keyPath: target])
        }.meaning(meaning)
    }
}
