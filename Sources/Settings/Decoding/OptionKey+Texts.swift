import ConfigurationText
import Text

extension OptionKey {
    /// One of the words of an enumeration.
    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ target: WritableKeyPath<Section, Choice>
    ) -> OptionKey {
        let words = Choice.allCases.map(\.rawValue)
        return OptionKey(name: name, schema: JSONSchema.choice(words)) { node, path, section, context in
            let example = words.first ?? ""
            guard let scalar = context.scalar(of: node, path: path, noun: "a word", example: example) else {
                return nil
            }
            guard let value = Choice(rawValue: scalar.text) else {
                let remedy =
                    scalar.isExpanded
                    ? "the choices are \(words.joined(separator: ", "))"
                    : SpellingSuggestion.remedy(for: scalar.text, among: words, noun: "choices")
                context.report(
                    node.place,
                    "\(path) is \(scalar.quoted), which is not one of the choices",
                    remedy: remedy
                )
                return nil
            }
            section[keyPath: target] = value
            return scalar.display
        } show: {
            $0[keyPath: target].rawValue
        } json: {
            let word = $0[keyPath: target].rawValue
            return Choice.self == BooleanWord.self ? .bool(word == BooleanWord.yes.rawValue) : .string(word)
        }
    }

    /// A text, checked by a rule.
    static func text(
        _ name: String,
        _ target: WritableKeyPath<Section, String>,
        example: String,
        schema: JSONValue = JSONSchema.text(limit: 4096),
        _ rule: @escaping TextRule
    ) -> OptionKey {
        OptionKey(name: name, schema: schema) { node, path, section, context in
            guard let scalar = context.text(of: node, path: path, example: example, rule) else { return nil }
            section[keyPath: target] = scalar.text
            return scalar.display
        } show: {
            $0[keyPath: target]
        }
    }

    /// The path of a file, or `none`.
    static func path(
        _ name: String,
        _ target: WritableKeyPath<Section, String?>,
        example: String
    ) -> OptionKey {
        OptionKey(name: name, schema: JSONSchema.orOff(JSONSchema.pattern("/[^/]+$|^none$|^off$|^no$"))) {
            node,
            path,
            section,
            context in
            let rule = TextRules.fileOrNone(example)
            guard let scalar = context.text(of: node, path: path, example: example, rule) else { return nil }
            guard !OffWord.isOff(scalar.text) else {
                section[keyPath: target] = nil
                return "none"
            }
            section[keyPath: target] = scalar.text
            return scalar.display
        } show: {
            $0[keyPath: target] ?? "none"
        }
    }

    /// A list of texts, each checked by a rule.
    static func texts(
        _ name: String,
        _ target: WritableKeyPath<Section, [String]>,
        example: String,
        minimum: Int = 0,
        _ rule: @escaping TextRule
    ) -> OptionKey {
        let schema = JSONSchema.list(of: JSONSchema.text(limit: 1000), minimum: minimum)
        return OptionKey(name: name, isSingleValue: false, schema: schema) { node, path, section, context in
            guard case .sequence(let elements) = node.content, elements.count >= minimum else {
                let isShort = if case .sequence = node.content { true } else { false }
                let remedy = "write it like [\(example)]"
                let message = isShort ? "\(path) must not be empty" : "\(path) must be a list, not \(node.kind)"
                context.report(node.place, message, remedy: remedy)
                return nil
            }
            var scalars: [DecodingContext.Scalar] = []
            for (index, element) in elements.enumerated() {
                let path = "\(path)[\(index + 1)]"
                if let scalar = context.text(of: element, path: path, example: example, rule) {
                    scalars.append(scalar)
                }
            }
            guard scalars.count == elements.count else { return nil }
            section[keyPath: target] = scalars.map(\.text)
            return listText(scalars.map(\.display))
        } show: {
            listText($0[keyPath: target])
        } json: {
            .array($0[keyPath: target].map { .string($0) })
        }
    }

    private static func listText(_ texts: [String]) -> String {
        texts.isEmpty ? "none" : texts.joined(separator: ", ")
    }
}
