import ConfigurationText

/// A section as decoded so far, with the place of each value.
struct SourcedSection<Section> {
    var value: Section
    /// The places by key. A key without a place has its built-in default.
    var places: [String: Place] = [:]
    /// The texts to show for set values, by key.
    var shown: [String: String] = [:]
    /// The keys whose value was wrong and was reported.
    var failed: Set<String> = []

    init(_ value: Section) {
        self.value = value
    }

    /// The values in force, for `check`.
    func settings(_ keys: [OptionKey<Section>], path: String) -> [EffectiveSetting] {
        keys.map { key in
            EffectiveSetting(
                path: "\(path).\(key.name)",
                value: shown[key.name] ?? key.show(value),
                place: places[key.name]
            )
        }
    }

    /// Reads the value of a key from a node.
    mutating func set(_ key: OptionKey<Section>, from node: SourceNode, path: String, _ context: inout DecodingContext)
    {
        places[key.name] = node.place
        if let text = key.read(node, "\(path).\(key.name)", &value, &context) {
            shown[key.name] = text
            failed.remove(key.name)
        } else {
            failed.insert(key.name)
        }
    }
}
