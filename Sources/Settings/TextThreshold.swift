import ConfigurationText
package import Events

/// Where a text's score starts and ends an event, for a model whose common threshold does not serve that text: an entry of
/// `labels:` in its `watchword.json`.
package struct TextThreshold: Sendable, Equatable {
    static let keys = ["threshold", "release"]

    /// In lower case, as the published tokenizer reads texts.
    let text: String
    let threshold: Double
    let release: Double
    /// The entry in the model's file.
    let place: Place

    /// Without the place, which a line above it moves.
    package static func == (left: TextThreshold, right: TextThreshold) -> Bool {
        (left.text, left.threshold, left.release) == (right.text, right.threshold, right.release)
    }
}

extension StreamOptions {
    /// The rules of a label that is this text alone and says nothing of its own: the model's for the text, or else `rules`.
    package func rules(of text: String) -> EventRules {
        var rules = rules
        if let own = thresholds(of: text) { (rules.threshold, rules.release) = (own.threshold, own.release) }
        return rules
    }

    /// The rules of a label that is given examples: a model's thresholds are for texts alone.
    package func rules(teaching label: LabelConfiguration) -> EventRules {
        var taught = label.rules
        guard label.examples.isEmpty, label.texts.count == 1, let own = thresholds(of: label.texts[0].text),
            (taught.threshold, taught.release) == (own.threshold, own.release)
        else { return taught }
        (taught.threshold, taught.release) = (rules.threshold, rules.release)
        return taught
    }

    func thresholds(of text: String) -> TextThreshold? {
        if textThresholds.isEmpty { return nil }
        let text = text.lowercased()
        return textThresholds.first { $0.text == text }
    }

    /// What an owner sets for all labels holds for all of them. A threshold that is learned begins at the model's.
    ///
    /// - Parameter keys: the keys that the owner sets.
    mutating func forgetTextThresholds(setting keys: some Sequence<String>) {
        let isOwners = keys.contains { $0 == "release" || $0 == "threshold" && !rules.isLearned }
        if isOwners { textThresholds = [] }
    }
}
