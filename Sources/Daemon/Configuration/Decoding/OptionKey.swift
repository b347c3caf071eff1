/// One key of a section: how it is read, checked and shown. A section's schema is an array of these, and adding an
/// option is adding one.
struct OptionKey<Section> {
    /// Sets the section's value from the node; the text to show for it, or nil once what is wrong is reported.
    typealias Read = (
        _ node: SourceNode, _ path: String, _ section: inout Section, _ context: inout DecodingContext
    ) -> String?

    let name: String
    /// Lists cannot be set by an environment variable.
    let isList: Bool
    let read: Read
    /// The value in force, as people would write it.
    let show: (Section) -> String

    init(name: String, isList: Bool = false, read: @escaping Read, show: @escaping (Section) -> String) {
        self.name = name
        self.isList = isList
        self.read = read
        self.show = show
    }

    /// The same key for a section that holds this key's section.
    func within<Outer>(_ target: WritableKeyPath<Outer, Section>) -> OptionKey<Outer> {
        OptionKey<Outer>(name: name, isList: isList) { node, path, section, context in
            read(node, path, &section[keyPath: target], &context)
        } show: {
            show($0[keyPath: target])
        }
    }
}
