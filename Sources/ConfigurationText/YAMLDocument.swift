import Yams

/// Reads YAML into source nodes.
///
/// Scalars keep their text. The key decides what a value means, so `name: no` is the word "no".
package struct YAMLDocument {
    /// Aliases can repeat a part of the file. More values than this are an attack or an accident.
    private static let nodeLimit = 100_000
    private static let depthLimit = 64
    private static let aliasLimit = 64
    /// Brings the keys of other mappings into one.
    private static let mergeKey = "<<"

    private let file: String
    package private(set) var diagnostics: [Diagnostic] = []
    /// Nil if the text is not YAML or exceeds a limit.
    package private(set) var root: SourceNode?
    private var duplicates = DuplicateKeys()
    private var nodeCount = 0
    private var isWithinLimits = true

    package init(_ text: String, file: String) {
        self.file = file
        guard Self.aliasCount(in: text) <= Self.aliasLimit else {
            report(.file(file), "there are more than \(Self.aliasLimit) aliases (*name)", "write the values out")
            return
        }
        guard let node = compose(text) else { return }
        let converted = convert(node, depth: 0)
        root = isWithinLimits ? converted : nil
    }

    /// Composes until no key is duplicate. Each duplicate key is renamed in the text and recorded, so that it does not hide
    /// other errors.
    private mutating func compose(_ original: String) -> Node? {
        var text = original
        while true {
            do {
                guard let node = try Yams.compose(yaml: text, .basic) else {
                    report(.file(file), "the file is empty", "give it at least streams: with one stream")
                    return nil
                }
                return node
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let key = keys.first ?? ""
                guard duplicates.rename(key, at: context.mark, in: &text) else {
                    report(place(context.mark), "the key \"\(key)\" appears more than once", "remove all but one")
                    return nil
                }
            } catch {
                diagnostics.append(YAMLSyntaxError.diagnostic(error, file: file))
                return nil
            }
        }
    }

    private mutating func convert(_ node: Node, depth: Int) -> SourceNode? {
        let place = place(node.mark)
        nodeCount += 1
        guard nodeCount <= Self.nodeLimit else {
            refuse(place, "there are more than \(Self.nodeLimit) values", "make the file smaller")
            return nil
        }
        guard depth <= Self.depthLimit else {
            refuse(place, "this is nested more than \(Self.depthLimit) deep", "flatten it")
            return nil
        }
        switch node {
        case .scalar(let scalar):
            return SourceNode(content: .scalar(scalar.string, isPlain: scalar.style == .plain), place: place)
        case .sequence(let sequence):
            let elements = sequence.compactMap { convert($0, depth: depth + 1) }
            return SourceNode(content: .sequence(elements), place: place)
        case .mapping(let mapping):
            return SourceNode(content: .mapping(convert(mapping, depth: depth)), place: place)
        case .alias:
            return nil
        }
    }

    private mutating func convert(_ mapping: Node.Mapping, depth: Int) -> [SourceNode.Entry] {
        var entries: [SourceNode.Entry] = []
        var places: [String: Place] = [:]
        var merged: [SourceNode.Entry] = []
        for (keyNode, valueNode) in mapping {
            let keyPlace = place(keyNode.mark)
            guard case .scalar(let scalar) = keyNode else {
                report(keyPlace, "a key must be a single word", "quote it if it is meant as text")
                continue
            }
            let key = duplicates.originalName(of: scalar.string, at: scalar.mark)
            if let first = places[key] {
                report(keyPlace, "the key \"\(key)\" is already set at \(first)", "remove one of the two")
                continue
            }
            places[key] = keyPlace
            if key == Self.mergeKey, scalar.style == .plain {
                merged = merge(valueNode, depth: depth)
                continue
            }
            if let value = convert(valueNode, depth: depth + 1) {
                entries.append(SourceNode.Entry(key: key, keyPlace: keyPlace, value: value))
            }
        }
        return entries + merged.filter { places[$0.key] == nil }
    }

    /// The entries that a merge key brings in, from a mapping or from a list of them, of which the first has priority. The
    /// mapping's own keys override them.
    private mutating func merge(_ node: Node, depth: Int) -> [SourceNode.Entry] {
        let sources: [Node]
        if case .sequence(let sequence) = node { sources = Array(sequence) } else { sources = [node] }
        var entries: [SourceNode.Entry] = []
        var keys: Set<String> = []
        for source in sources {
            guard case .mapping(let mapping) = source else {
                report(
                    place(source.mark),
                    "<< takes the keys of a mapping, and this is none",
                    "write it like <<: *name"
                )
                continue
            }
            nodeCount += 1
            guard nodeCount <= Self.nodeLimit, depth < Self.depthLimit else {
                refuse(place(source.mark), "the merge keys (<<) are too many or too deep", "write the values out")
                return []
            }
            entries += convert(mapping, depth: depth + 1).filter { keys.insert($0.key).inserted }
        }
        return entries
    }

    private func place(_ mark: Mark?) -> Place {
        guard let mark else { return .file(file) }
        return .position(file: file, line: mark.line, column: mark.column)
    }

    /// Reports a limit once: the first that is exceeded.
    private mutating func refuse(_ place: Place, _ message: String, _ remedy: String) {
        guard isWithinLimits else { return }
        isWithinLimits = false
        report(place, message, remedy)
    }

    private mutating func report(_ place: Place, _ message: String, _ remedy: String) {
        diagnostics.append(Diagnostic(place, message, remedy: remedy))
    }

    /// An upper bound of the number of aliases: the stars that begin a word.
    private static func aliasCount(in text: String) -> Int {
        var count = 0
        var previous = UInt8(ascii: "\n")
        for byte in text.utf8 {
            if byte == UInt8(ascii: "*"), " \t\n[,{:-?".utf8.contains(previous) {
                count += 1
            }
            previous = byte
        }
        return count
    }
}
