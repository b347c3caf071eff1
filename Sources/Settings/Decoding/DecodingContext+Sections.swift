import ConfigurationText
import Events
import Text

extension DecodingContext {
    /// Reads a mapping's options into a section, and reports unknown keys. An empty section sets nothing.
    ///
    /// - Parameters:
    ///   - others: further keys that the mapping may have; they are not read here.
    ///   - path: the section's name in messages.
    /// - Returns: the mapping's keys.
    @discardableResult
    mutating func read<Section>(
        _ node: SourceNode,
        into section: inout SourcedSection<Section>,
        _ keys: [OptionKey<Section>],
        others: [String] = [],
        path: String
    ) -> [String] {
        if node.isNull { return [] }
        guard case .mapping(let entries) = node.content else {
            let remedy = "write keys below it, such as \(keys.first?.name ?? others.first ?? "name"):"
            report(node.place, "\(path) must be a mapping, not \(node.kind)", remedy: remedy)
            return []
        }
        for entry in entries {
            if let key = keys.first(where: { $0.name == entry.key }) {
                section.set(key, from: entry.value, path: path, &self)
            } else if !others.contains(entry.key) {
                reportUnknown(entry, in: path, known: others + keys.map(\.name))
            }
        }
        return entries.map(\.key)
    }

    /// Reports an unknown key, with the nearest known key or the section that it belongs to.
    ///
    /// - Parameter path: the mapping with the key; nil for the file's top.
    mutating func reportUnknown(_ entry: SourceNode.Entry, in path: String?, known: [String]) {
        let home = Schema.sections.first { $0.name != path && $0.keys.contains(entry.key) }
        let remedy =
            if let home, SpellingSuggestion.nearest(to: entry.key, among: known) == nil {
                "it belongs under \(home.name):"
            } else {
                SpellingSuggestion.remedy(for: entry.key, among: known, noun: "keys here")
            }
        let key = entry.key.count > 80 ? entry.key.prefix(80) + "…" : entry.key[...]
        report(entry.keyPlace, "unknown key \"\(key)\"" + (path.map { " in \($0)" } ?? ""), remedy: remedy)
    }

    /// Reports a release above the threshold, which would end every event at its start.
    ///
    /// - Parameter own: the keys set at this level. Rules that were set elsewhere have been reported there.
    mutating func checkRules(_ rules: SourcedSection<EventRules>, own: [String], path: String) {
        guard rules.failed.isDisjoint(with: ["threshold", "release"]),
            rules.value.release > rules.value.threshold
        else { return }
        let release = rules.shown["release"] ?? NumberText.format(rules.value.release)
        let shown = rules.value.isLearned ? nil : rules.shown["threshold"]
        let threshold = shown ?? NumberText.format(rules.value.threshold)
        if own.contains("release"), let place = rules.places["release"] {
            let message = "\(path).release is \(release), above the threshold \(threshold)"
            report(place, message, remedy: "lower it to \(threshold) or less")
        } else if own.contains("threshold"), let place = rules.places["threshold"] {
            let message = "\(path).threshold is \(threshold), below the release \(release)"
            report(place, message, remedy: "raise it, or set release to \(threshold) or less")
        }
    }
}

extension SourcedSection<StreamOptions> {
    /// The part that labels may set themselves.
    var rules: SourcedSection<EventRules> {
        var rules = SourcedSection<EventRules>(value.rules)
        (rules.places, rules.shown, rules.failed) = (places, shown, failed)
        return rules
    }
}
