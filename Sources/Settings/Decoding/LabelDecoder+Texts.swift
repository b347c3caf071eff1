import ConfigurationText
import Signals
import XCLIP

extension LabelDecoder {
    /// The number of texts that a label may have, and of those against it. Each costs a row of every decision.
    static let textLimit = 64

    /// Reads a label's texts: one, or a list. Returns nil if one is wrong and was reported.
    func texts(
        of node: SourceNode,
        path: String,
        _ context: inout DecodingContext
    ) -> (texts: [PlacedText], shown: String)? {
        guard case .sequence = node.content else {
            return context.text(of: node, path: path, example: "a person falls", TextRules.label).map {
                ([PlacedText($0.text, place: node.place)], $0.display)
            }
        }
        let list = list(node, path: path, example: "a person falls, someone collapses", &context)
        guard let list, list.texts.count > 1,
            let signal = list.texts.first(where: { $0.text.hasPrefix(Signal.prefix) })
        else { return list }
        let message = "\(path) has a signal among its texts"
        context.report(signal.place ?? node.place, message, remedy: "give the signal a label of its own")
        return nil
    }

    /// Reads the texts that compete with a label alone. Returns nil if there are none, or if they are wrong and were
    /// reported.
    func against(
        _ label: SourceNode,
        path: String,
        _ context: inout DecodingContext
    ) -> (texts: [PlacedText], shown: String)? {
        guard let entry = label.entry("against") else { return nil }
        guard case .sequence(let nodes) = entry.value.content, nodes.isEmpty else {
            return list(entry.value, path: path, example: "a person sits down", &context)
        }
        return ([], "none")
    }

    /// Reads how a label's texts are combined. Returns nil if nothing says so, or if it is wrong and was reported.
    ///
    /// - Parameter texts: the number of texts; nil if they are wrong.
    func combination(
        _ label: SourceNode,
        texts: Int?,
        path: String,
        _ context: inout DecodingContext
    ) -> TextCombination? {
        guard let entry = label.entry("combine") else { return nil }
        var combination = TextCombination.mean
        guard Schema.combination.read(entry.value, path, &combination, &context) != nil else { return nil }
        if texts == 1 {
            let remedy = "remove it, or give a list of texts, such as text: [a person falls, someone collapses]"
            context.report(entry.keyPlace, "\(path) has nothing to combine: the label has one text", remedy: remedy)
            return nil
        }
        return combination
    }

    private func list(
        _ node: SourceNode,
        path: String,
        example: String,
        _ context: inout DecodingContext
    ) -> (texts: [PlacedText], shown: String)? {
        guard case .sequence(let nodes) = node.content else {
            let message = "\(path) must be a list, not \(node.kind)"
            context.report(node.place, message, remedy: "write it like [\(example)]")
            return nil
        }
        guard (1...Self.textLimit).contains(nodes.count) else {
            let message = nodes.isEmpty ? "is empty" : "has \(nodes.count) texts, more than \(Self.textLimit)"
            let remedy = nodes.isEmpty ? "write it like [\(example)]" : "remove some"
            context.report(node.place, "\(path) \(message)", remedy: remedy)
            return nil
        }
        var (texts, shown): ([PlacedText], [String]) = ([], [])
        for (index, node) in nodes.enumerated() {
            let path = "\(path)[\(index + 1)]"
            guard let text = context.text(of: node, path: path, example: example, TextRules.label) else { continue }
            texts.append(PlacedText(text.text, place: node.place))
            shown.append(text.display)
        }
        return texts.count == nodes.count ? (texts, shown.joined(separator: ", ")) : nil
    }
}
