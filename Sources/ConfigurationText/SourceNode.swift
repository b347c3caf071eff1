/// A value as written, with its place. The decoder reads these, from YAML and from the environment.
package struct SourceNode: Sendable {
    package enum Content: Sendable {
        /// A single value. `isPlain` is false for quoted and block text.
        case scalar(String, isPlain: Bool)
        case sequence([SourceNode])
        case mapping([Entry])
    }

    package struct Entry: Sendable {
        package var key: String
        package var keyPlace: Place
        package var value: SourceNode
    }

    package var content: Content
    package var place: Place

    package init(content: Content, place: Place) {
        self.content = content
        self.place = place
    }

    /// Whether nothing was written, or YAML's null.
    package var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The kind of node, for a message.
    package var kind: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// The entry of a key; nil if the node is not a mapping or does not have the key.
    package func entry(_ key: String) -> Entry? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }
    }
}
