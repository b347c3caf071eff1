/// A value as it was written, with its place: what the decoder reads, from YAML and the environment alike.
struct SourceNode {
    enum Content {
        /// `isPlain` is false for quoted and block text.
        case scalar(String, isPlain: Bool)
        case sequence([SourceNode])
        case mapping([Entry])
    }

    struct Entry {
        var key: String
        var keyPlace: Place
        var value: SourceNode
    }

    var content: Content
    var place: Place

    /// Nothing was written, or YAML's null.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What it is, in words for a message.
    var kind: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// The value of a key; nil where the node is no mapping or has no such key.
    func entry(_ key: String) -> Entry? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }
    }
}
