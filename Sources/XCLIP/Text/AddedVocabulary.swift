/// The tokens that were added to a vocabulary, and their numbers.
///
/// Source: `added_vocabulary.rs` of huggingface/tokenizers. A token that the vocabulary has keeps its number. Any
/// other gets the next free number. The number that a file states is ignored.
struct AddedVocabulary: Sendable {
    private let vocabulary: [String: Int]
    private var added: [String: Int] = [:]
    private(set) var tokens: [Int: AddedToken] = [:]

    init(_ vocabulary: [String: Int]) { self.vocabulary = vocabulary }

    var contents: Set<String> { Set(added.keys) }
    /// The number of different tokens, and the highest number of one.
    var count: Int { Set(vocabulary.values).union(tokens.keys).count }
    var highest: Int { max(vocabulary.values.max() ?? 0, tokens.keys.max() ?? 0) }

    func number(of text: String) -> Int? { added[text] ?? vocabulary[text] }

    mutating func add(_ token: AddedToken) {
        guard !token.content.isEmpty, !tokens.values.contains(token) else { return }
        let number = number(of: token.content) ?? max(vocabulary.count, (added.values.max() ?? -1) + 1)
        added[token.content] = number
        tokens[number] = token
    }
}

/// Finds added tokens in a text.
struct AddedTokenMatcher: Sendable {
    private struct Entry: Sendable {
        let scalars: [Unicode.Scalar]
        let number: Int32
        let token: AddedToken
    }

    /// By their first scalar; the longest first.
    private let entries: [Unicode.Scalar: [Entry]]

    /// - Parameter tokens: by their numbers; matched after normalisation if all of them are.
    init(_ tokens: [Int: AddedToken]) {
        let all = tokens.sorted { $0.key < $1.key }.map { number, token in
            let scalars =
                token.isNormalized
                ? Array(WordSplitter.normalized(token.content[...])) : Array(token.content.unicodeScalars)
            return Entry(scalars: scalars, number: Int32(clamping: number), token: token)
        }
        let grouped = Dictionary(grouping: all.filter { !$0.scalars.isEmpty }) { $0.scalars[0] }
        entries = grouped.mapValues { $0.sorted { $0.scalars.count > $1.scalars.count } }
    }

    /// Splits `text` at each token: leftmost first, the longest of several.
    ///
    /// - Parameters:
    ///   - token: gets the number of each token.
    ///   - rest: gets each part in between.
    func split(
        _ text: [Unicode.Scalar],
        token: (Int32) -> Void,
        rest: (ArraySlice<Unicode.Scalar>) -> Void
    ) {
        var (at, done) = (0, 0)
        while at < text.count {
            guard let entry = entries[text[at]]?.first(where: { text[at...].starts(with: $0.scalars) }) else {
                at += 1
                continue
            }
            var (start, end) = (at, at + entry.scalars.count)
            at = end
            if entry.token.isSingleWord {
                let isTouched =
                    start > 0 && Self.isOfWord(text[start - 1]) || end < text.count && Self.isOfWord(text[end])
                if isTouched { continue }
            }
            if entry.token.stripsLeft {
                while start > done, text[start - 1].properties.isWhitespace { start -= 1 }
            }
            if entry.token.stripsRight {
                while end < text.count, text[end].properties.isWhitespace { end += 1 }
            }
            if done < start { rest(text[done..<start]) }
            token(entry.number)
            done = end
        }
        if done < text.count { rest(text[done...]) }
    }

    /// `\w` of the reference's regular expressions.
    private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.properties.isAlphabetic || scalar.properties.isJoinControl { return true }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return false
        }
    }
}
