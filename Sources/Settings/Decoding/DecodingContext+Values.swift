import ConfigurationText
import Text

extension DecodingContext.Scalar {
    /// The value for a message: in quotes, at most 80 characters.
    var quoted: String {
        display.count > 80 ? "\"\(display.prefix(80))…\"" : "\"\(display)\""
    }
}

extension DecodingContext {
    /// Reads a number. Returns nil if it is wrong and was reported.
    mutating func number<Number>(
        of node: SourceNode,
        path: String,
        noun: String,
        example: String,
        _ parse: (String) -> Number?
    ) -> (value: Number, scalar: Scalar)? {
        guard let scalar = scalar(of: node, path: path, noun: noun, example: example) else { return nil }
        guard !scalar.isQuoted else {
            report(node.place, "\(path) must be \(noun), not text in quotes", remedy: "remove the quotes")
            return nil
        }
        guard let value = parse(scalar.text) else {
            let remedy = "write it like \(example)"
            report(node.place, "\(path) is \(scalar.quoted), which is not \(noun)", remedy: remedy)
            return nil
        }
        return (value, scalar)
    }

    /// Reads a secret, which is kept from all that is shown. Returns nil if it is wrong and was reported.
    ///
    /// The fleet's servers must not have one, and what a host's reference stands for is not known elsewhere.
    mutating func secret(of node: SourceNode, path: String, example: String, _ rule: TextRule) -> Scalar? {
        let isKnown = knowsReferences
        let scalar = text(of: node, path: path, example: example) { isKnown ? rule($0) : nil }
        guard let scalar else { return nil }
        guard !isShared || scalar.isExpanded else {
            let message = "\(path) is written out, and the fleet's servers would keep it"
            report(node.place, message, remedy: "write \(example), which each host reads from its own credentials")
            return nil
        }
        keepSecret(scalar.text)
        return scalar
    }

    /// Reads a text and checks it by a rule, unless only the fleet's hosts know how it begins. Returns nil if it is wrong and
    /// was reported.
    mutating func text(
        of node: SourceNode,
        path: String,
        example: String,
        isURL: Bool = false,
        _ rule: TextRule
    ) -> Scalar? {
        let scalar = scalar(of: node, path: path, noun: "a text", example: example, isURL: isURL)
        guard let scalar else { return nil }
        if !scalar.beginsUnknown, let fault = rule(scalar.text) {
            report(node.place, "\(path) \(fault.message)", remedy: fault.remedy)
            return nil
        }
        return scalar
    }

    /// Reads the name of a stream or label. Names are printed everywhere, so a reference in one is an error.
    mutating func name(of node: SourceNode, path: String, example: String, hyphens: Bool) -> String? {
        let rule = TextRules.identifier(hyphens: hyphens)
        guard let scalar = text(of: node, path: path, example: example, rule) else { return nil }
        guard !scalar.isExpanded else {
            report(node.place, "\(path) holds \(scalar.quoted)", remedy: "write the name out: it is not a secret")
            return nil
        }
        return scalar.text
    }

    mutating func reportRange(_ place: Place, _ path: String, _ scalar: Scalar, _ range: OptionRange) {
        report(place, "\(path) is \(scalar.display), outside \(range.text)", remedy: "choose a value in that range")
    }
}

extension DurationText.Failure {
    func explanation(_ scalar: DecodingContext.Scalar) -> (message: String, remedy: String) {
        switch self {
        case .noUnit where scalar.isExpanded: ("which has no unit", "give it one, as in 5s")
        case .noUnit: ("which has no unit", "write \(scalar.display)s if seconds are meant")
        case .malformed: ("which is not a duration", "write it like 500ms, 5s, 1m, 2h or 30d")
        case .tooLong: ("which is too long", "choose a shorter duration")
        }
    }
}
