import ConfigurationText
import Events
import Signals
import Text

/// Writes thresholds into a configuration's text, label by label, and leaves every other character unchanged.
///
/// YAML can express the same in many ways. Therefore each edit is read again, and undone unless it means exactly the change:
/// a value that the owner must write by hand is better than a file with another meaning.
package struct ThresholdEditor {
    package struct Change: Equatable {
        /// The label's index in the stream.
        package var label: Int
        package var threshold: Double
        package var release: Double

        package init(label: Int, threshold: Double, release: Double) {
            self.label = label
            self.threshold = threshold
            self.release = release
        }
    }

    private let stream: String
    private let file: String
    private let decode: (String) -> Configuration?

    /// - Parameter decode: reads a text as the program reads the file; nil if it is not a configuration.
    package init(stream: String, file: String, decode: @escaping (String) -> Configuration?) {
        self.stream = stream
        self.file = file
        self.decode = decode
    }

    /// - Returns: the edited text, and the changes that could not be made.
    package func apply(_ changes: [Change], to text: String) -> (text: String, refused: [Change]) {
        var (text, refused): (String, [Change]) = (text, [])
        for change in changes {
            if let edited = edited(text, change), expresses(edited, text, change) {
                text = edited
            } else {
                refused.append(change)
            }
        }
        return (text, refused)
    }

    /// Whether an edited text means the original text with the change, and nothing else.
    private func expresses(_ edited: String, _ text: String, _ change: Change) -> Bool {
        guard var wanted = decode(text), let made = decode(edited),
            let index = wanted.streams.firstIndex(where: { $0.name == stream }),
            wanted.streams[index].labels.indices.contains(change.label)
        else { return false }
        wanted.streams[index].labels[change.label].rules.threshold = change.threshold
        wanted.streams[index].labels[change.label].rules.isLearned = false
        wanted.streams[index].labels[change.label].rules.release = change.release
        return made.streams == wanted.streams && made.model == wanted.model && made.events == wanted.events
            && made.log == wanted.log
    }

    private func edited(_ text: String, _ change: Change) -> String? {
        guard let node = label(change.label, in: text) else { return nil }
        if case .scalar = node.label.content { return made(of: node, SourceText(text), change)?.text }
        // One key at a time: an edit moves the places after it.
        let threshold = NumberText.format(change.threshold)
        guard let first = set("threshold", to: threshold, node.label, in: SourceText(text))?.text,
            let again = label(change.label, in: first)
        else { return nil }
        return set("release", to: NumberText.format(change.release), again.label, in: SourceText(first))?.text
    }

    /// The stream's list of labels, and one label in it.
    private func label(_ index: Int, in text: String) -> (list: SourceNode, label: SourceNode)? {
        guard case .sequence(let streams)? = YAMLDocument(text, file: file).root?.entry("streams")?.value.content
        else { return nil }
        let mine = streams.first { node in
            if case .scalar(stream, _)? = node.entry("name")?.value.content { true } else { false }
        }
        guard let list = mine?.entry("labels")?.value, case .sequence(let nodes) = list.content else { return nil }
        let labels = nodes.filter { !$0.isSignal }
        return labels.indices.contains(index) ? (list, labels[index]) : nil
    }

    /// Turns a plain text into a mapping with that text and the thresholds.
    private func made(of node: (list: SourceNode, label: SourceNode), _ source: SourceText, _ change: Change)
        -> SourceText?
    {
        var source = source
        guard let start = source.position(node.label.place), let list = source.position(node.list.place) else {
            return nil
        }
        let isFlow = source.character(at: list) == "["
        guard let end = source.endOfScalar(at: start, inFlow: isFlow) else { return nil }
        let rules = [
            "threshold: \(NumberText.format(change.threshold))", "release: \(NumberText.format(change.release))",
        ]
        if isFlow {
            source.insert(", \(rules.joined(separator: ", "))}", at: .init(line: start.line, column: end))
            source.insert("{text: ", at: start)
        } else {
            source.insert("text: ", at: start)
            for line in rules.reversed() { source.insertLine(line, indent: start.column, after: start.line) }
        }
        return source
    }

    private func set(_ key: String, to value: String, _ label: SourceNode, in source: SourceText) -> SourceText? {
        var source = source
        guard case .mapping(let entries) = label.content, let start = source.position(label.place) else { return nil }
        let isFlow = source.character(at: start) == "{"
        if let entry = label.entry(key) {
            // A value from a variable must be set in the variable.
            guard case .scalar(let old, _) = entry.value.content, !old.contains("${"),
                let place = source.position(entry.value.place),
                let end = source.endOfScalar(at: place, inFlow: isFlow)
            else { return nil }
            source.replace(from: place, toColumn: end, with: value)
        } else if isFlow {
            guard let close = source.closingBracket(at: start) else { return nil }
            source.insert(", \(key): \(value)", at: source.endOfWord(before: close))
        } else {
            // After the threshold if there is one, else after the text, of several the last.
            let before = label.entry("threshold")?.value ?? label.entry("text")?.value.lastElement
            guard let line = before.flatMap({ source.position($0.place)?.line }),
                let indent = entries.first.flatMap({ source.position($0.keyPlace)?.column })
            else { return nil }
            source.insertLine("\(key): \(value)", indent: indent, after: line)
        }
        return source
    }
}

extension SourceNode {
    /// Whether it is a label that no model scores, and that a change's index does not count.
    fileprivate var isSignal: Bool {
        var text = entry("text")?.value ?? self
        if case .sequence(let texts) = text.content, texts.count == 1 { text = texts[0] }
        if case .scalar(let text, _) = text.content { return text.hasPrefix(Signal.prefix) }
        return false
    }

    /// The last of a list; itself if it is none.
    fileprivate var lastElement: SourceNode {
        if case .sequence(let nodes) = content, let last = nodes.last { return last }
        return self
    }
}
