import ConfigurationText
import Events
import Recognition
import Signals
import XCLIP
import Text

/// Reads a stream's labels: plain texts, or mappings with names and rules of their own.
struct LabelDecoder {
    static let limit = 1000

    /// The stream's options, whose rules a label may override.
    private let options: SourcedSection<StreamOptions>
    /// The stream's name in messages.
    let path: String
    private(set) var settings: [EffectiveSetting] = []
    private var names: [String: Place] = [:]

    init(options: SourcedSection<StreamOptions>, path: String) {
        self.options = options
        self.path = path
    }

    /// Reads the labels. A stream that names none gets the signals that are reliable. Returns nil if there is no list where
    /// one belongs and this was reported.
    mutating func decode(_ stream: SourceNode, _ context: inout DecodingContext) -> [LabelConfiguration]? {
        guard let entry = stream.entry("labels") else { return reliableSignals() }
        let isEmptyList = if case .sequence(let nodes) = entry.value.content { nodes.isEmpty } else { false }
        guard !entry.value.isNull, !isEmptyList else {
            let place = entry.value.isNull ? entry.keyPlace : entry.value.place
            context.report(place, "\(path).labels is empty", remedy: "list what to look for, such as [a person falls]")
            return nil
        }
        guard case .sequence(let nodes) = entry.value.content else {
            let message = "\(path).labels must be a list, not \(entry.value.kind)"
            context.report(entry.value.place, message, remedy: "write it like [a person falls]")
            return nil
        }
        guard nodes.count <= Self.limit else {
            let message = "\(path).labels has \(nodes.count) labels, more than \(Self.limit)"
            context.report(entry.value.place, message, remedy: "remove some")
            return nil
        }
        return nodes.enumerated().compactMap { decode($1, number: $0 + 1, &context) }
    }

    private mutating func reliableSignals() -> [LabelConfiguration] {
        let signals = Signal.allCases.filter(\.isReliable)
        let shown = "[\(signals.map(\.label).joined(separator: ", "))]"
        settings.append(EffectiveSetting(path: "\(path).labels", value: shown, place: nil))
        return signals.map { LabelConfiguration(name: $0.label, texts: [PlacedText($0.label)], rules: $0.rules) }
    }

    private mutating func decode(
        _ node: SourceNode,
        number: Int,
        _ context: inout DecodingContext
    ) -> LabelConfiguration? {
        let path = "\(path).labels[\(number)]"
        guard case .mapping(let entries) = node.content else {
            let text = context.text(of: node, path: path, example: "a person falls", TextRules.label)
            guard let text else { return nil }
            var rules = options.value.rules(of: text.text)
            if text.text.hasPrefix(Signal.prefix) {
                guard let signal = signal(text.text, at: node.place, path: path, &context) else { return nil }
                rules = signal.rules
            }
            take(name: text.text, at: node.place, &context)
            settings.append(EffectiveSetting(path: path, value: text.display, place: node.place))
            settings += options.thresholdSettings(ofText: text.text, path: path)
            return LabelConfiguration(
                name: text.text,
                texts: [PlacedText(text.text, place: node.place)],
                rules: rules
            )
        }
        guard let textEntry = node.entry("text") else {
            reportNoText(entries, node, path, &context)
            return nil
        }
        let texts = texts(of: textEntry.value, path: "\(path).text", &context)
        let nameEntry = node.entry("name")
        let name = nameEntry.flatMap { entry in
            context.name(of: entry.value, path: "\(path).name", example: "fall", hyphens: false)
        }
        let first = texts?.texts[0].text
        // The model's thresholds are for the score of a text alone.
        let isAlone = texts?.texts.count == 1 && ["examples", "against"].allSatisfy { node.entry($0) == nil }
        let known = isAlone ? first : nil
        var own = options.rules(ofText: known)
        let isSignal = texts?.texts.count == 1 && first?.hasPrefix(Signal.prefix) == true
        if isSignal, let first {
            let place = textEntry.value.place
            guard let signal = signal(first, at: place, path: "\(path).text", &context) else { return nil }
            own = SourcedSection(signal.rules)
        }
        let set = context.read(node, into: &own, Schema.rules, others: Schema.labelOwn, path: path)
        let isOwners = set.contains("threshold") && !own.value.isLearned
        if isOwners, !isSignal { own.takeRelease(of: options, unlessIn: set) }
        context.checkRules(own, own: set, path: path)
        if isSignal, let entry = ["examples", "combine", "against"].lazy.compactMap({ node.entry($0) }).first {
            let message = "\(path).\(entry.key) cannot go with a signal, which no model decides"
            context.report(entry.keyPlace, message, remedy: entry.key == "examples" ? "remove them" : "remove it")
            return nil
        }
        if isSignal, own.value.isLearned, let place = own.places["threshold"] {
            let message = "\(path).threshold cannot be auto: a signal's score is a measure, and needs no quiet level"
            context.report(place, message, remedy: "give a number, or remove it")
            return nil
        }
        let combination = combination(node, texts: texts?.texts.count, path: "\(path).combine", &context)
        let against = against(node, path: "\(path).against", &context)
        let examples = examples(node, path: "\(path).examples", &context)

        guard let texts, let first, nameEntry == nil || name != nil else { return nil }
        take(name: name ?? first, at: nameEntry?.value.place ?? texts.texts[0].place ?? node.place, &context)
        if let name, let nameEntry {
            settings.append(EffectiveSetting(path: "\(path).name", value: name, place: nameEntry.value.place))
        }
        let parts = [
            ("text", texts.shown), ("combine", combination?.rawValue), ("against", against?.shown),
            ("examples", examples?.shown),
        ]
        for (key, shown) in parts {
            guard let shown, let entry = node.entry(key) else { continue }
            settings.append(EffectiveSetting(path: "\(path).\(key)", value: shown, place: entry.value.place))
        }
        settings += own.settings(Schema.rules.filter { set.contains($0.name) }, path: path)
        if let known, !isOwners { settings += options.thresholdSettings(ofText: known, path: path, besides: set) }
        return LabelConfiguration(
            name: name ?? first,
            texts: texts.texts,
            combination: combination ?? .mean,
            against: against?.texts ?? [],
            rules: own.value,
            examples: examples?.clips ?? []
        )
    }

    /// The signal that a text names. Returns nil if there is none and this was reported.
    private func signal(_ text: String, at place: Place, path: String, _ context: inout DecodingContext) -> Signal? {
        if let signal = Signal(label: text) { return signal }
        // The prefix, which all share, would make any two of them alike.
        let name = String(text.dropFirst(Signal.prefix.count))
        let near = SpellingSuggestion.nearest(to: name, among: Signal.allCases.map(\.rawValue))
        let all = Signal.allCases.map(\.label).joined(separator: ", ")
        let remedy = near.map { "did you mean \"\(Signal.prefix)\($0)\"?" } ?? "the signals are \(all)"
        let shown = text.count > 80 ? text.prefix(80) + "…" : text[...]
        context.report(place, "\(path) is \"\(shown)\", which is no signal", remedy: remedy)
        return nil
    }

    private mutating func take(name: String, at place: Place, _ context: inout DecodingContext) {
        if let first = names[name] {
            let message = "\(path).labels has another label of this name at \(first)"
            context.report(place, message, remedy: "give each label its own name")
        } else {
            names[name] = place
        }
    }

    /// Reports a mapping without `text`. A text with a colon is a mapping in YAML: the message says so.
    private func reportNoText(
        _ entries: [SourceNode.Entry],
        _ node: SourceNode,
        _ path: String,
        _ context: inout DecodingContext
    ) {
        if entries.count == 1, let entry = entries.first, entry.key.contains(" ") {
            let remedy = "put the text in quotes: it has a colon in it"
            context.report(node.place, "\(path) is a mapping without text", remedy: remedy)
            return
        }
        context.report(node.place, "\(path) has no text", remedy: "add text: with what to look for")
        let known = Schema.labelOwn + Schema.rules.map(\.name)
        for entry in entries where !known.contains(entry.key) {
            context.reportUnknown(entry, in: path, known: known)
        }
    }
}
