import ConfigurationText
import Events
import Signals
import Text

extension TextThreshold {
    fileprivate static var options: [OptionKey<EventRules>] { Schema.rules.filter { keys.contains($0.name) } }

    /// Reads `labels:` of a model's file. Entries that are wrong are reported.
    static func list(_ node: SourceNode, _ context: inout DecodingContext) -> [TextThreshold] {
        let limit = LabelDecoder.limit
        guard case .sequence(let nodes) = node.content, nodes.count <= limit else {
            let remedy = #"write it like [{"text": "the picture freezes", "threshold": 0.97, "release": 0.64}]"#
            context.report(node.place, "labels must be a list of at most \(limit)", remedy: remedy)
            return []
        }
        var places: [String: Place] = [:]
        return nodes.enumerated().compactMap { index, node in
            let path = "labels[\(index + 1)]"
            guard let entry = read(node, path: path, &context) else { return nil }
            if let first = places.updateValue(entry.place, forKey: entry.text) {
                context.report(entry.place, "\(path) has the text of \(first)", remedy: "remove one of the two")
            }
            return entry
        }
    }

    private static func read(_ node: SourceNode, path: String, _ context: inout DecodingContext) -> TextThreshold? {
        var rules = SourcedSection(StreamOptions().rules)
        context.read(node, into: &rules, options, others: ["text"], path: path)
        guard case .mapping = node.content else {
            // `read` lets a section be empty.
            if node.isNull { context.report(node.place, "\(path) is empty", remedy: "remove it") }
            return nil
        }
        if let missing = (["text"] + keys).first(where: { node.entry($0) == nil }) {
            context.report(node.place, "\(path) has no \(missing)", remedy: "add it")
            return nil
        }
        if rules.value.isLearned, let place = rules.places["threshold"] {
            context.report(place, "\(path).threshold cannot be auto", remedy: "give a number")
        } else {
            context.checkRules(rules, own: keys, path: path)
        }
        guard let entry = node.entry("text"),
            let text = context.text(of: entry.value, path: "\(path).text", example: "a dog barks", TextRules.label)
        else { return nil }
        if text.text.hasPrefix(Signal.prefix) {
            context.report(entry.value.place, "\(path).text is a signal, which no model scores", remedy: "remove it")
        }
        return TextThreshold(
            text: text.text.lowercased(),
            threshold: rules.value.threshold,
            release: rules.value.release,
            place: node.place
        )
    }
}

extension SourcedSection<StreamOptions> {
    /// The rules that a label starts from.
    ///
    /// - Parameter text: the text that the label is, if it is one alone.
    func rules(ofText text: String?) -> SourcedSection<EventRules> {
        var rules = rules
        guard let text, let known = value.thresholds(of: text) else { return rules }
        rules.value = value.rules(of: text)
        for key in TextThreshold.keys { (rules.places[key], rules.shown[key]) = (known.place, nil) }
        return rules
    }

    /// What the model sets for a text, for `check`.
    ///
    /// - Parameter own: the keys that the label sets itself.
    func thresholdSettings(ofText text: String, path: String, besides own: [String] = []) -> [EffectiveSetting] {
        guard value.thresholds(of: text) != nil else { return [] }
        let keys = TextThreshold.options.filter { key in
            !own.contains(key.name) && !(key.name == "threshold" && value.rules.isLearned)
        }
        return rules(ofText: text).settings(keys, path: path)
    }
}

extension SourcedSection<EventRules> {
    /// Takes the stream's release instead of the model's for a text, which goes with the model's threshold.
    ///
    /// - Parameter own: the keys that the label sets itself.
    mutating func takeRelease(of stream: SourcedSection<StreamOptions>, unlessIn own: [String]) {
        if own.contains("release") { return }
        value.release = stream.value.rules.release
        (places["release"], shown["release"]) = (stream.places["release"], stream.shown["release"])
    }
}
