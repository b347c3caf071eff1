import ConfigurationText
import Events
import Text

extension OptionKey<EventRules> {
    private static var learned: String { "auto" }

    /// A score, or the word for a threshold that is learned. It begins where the level above has it.
    static var threshold: OptionKey {
        let number = OptionKey.number("threshold", \.threshold, 0...1, example: "0.6")
        let schema: JSONValue = ["anyOf": [JSONSchema.choice([learned]), number.schema]]
        return OptionKey(name: number.name, schema: schema, range: number.range) { node, path, rules, context in
            guard let scalar = context.scalar(of: node, path: path, noun: "a number", example: "0.6") else {
                return nil
            }
            guard scalar.text == learned else {
                guard let shown = number.read(node, path, &rules, &context) else { return nil }
                rules.isLearned = false
                return shown
            }
            rules.isLearned = true
            return scalar.isExpanded ? scalar.display : learned
        } show: {
            $0.isLearned ? learned : number.show($0)
        } json: {
            $0.isLearned ? .string(learned) : number.json($0)
        }
    }
}
