/// A section as decoded so far, and where each value was set.
struct SourcedSection<Section> {
    var value: Section
    /// By key; a key not here has its built-in default.
    var places: [String: Place] = [:]
    /// By key: how a value that was set is shown.
    var shown: [String: String] = [:]
    /// The keys whose value was no good and has been reported.
    var failed: Set<String> = []

    init(_ value: Section) {
        self.value = value
    }

    func settings(_ keys: [OptionKey<Section>], path: String) -> [EffectiveSetting] {
        keys.map { key in
            EffectiveSetting(
                path: "\(path).\(key.name)",
                value: shown[key.name] ?? key.show(value),
                place: places[key.name]
            )
        }
    }

    /// Reads one value into its place.
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
