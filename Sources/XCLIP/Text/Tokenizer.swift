package import Checkpoints
import Foundation

/// CLIP's tokenizer: lower-cased, byte-level BPE between a start and an end token. It reads `tokenizer.json`, or
/// `vocab.json` with `merges.txt`.
package struct Tokenizer: Sendable {
    /// A token whose text is matched as a whole.
    struct Special: Sendable {
        let text: String
        let number: Int32
        /// Whether it is matched after normalisation rather than before.
        let normalized: Bool
    }

    private let encoder: BytePairEncoder
    private let specials: [Special]
    private let start: Int32
    private let end: Int32
    /// The number of tokens, including special ones.
    package let vocabularySize: Int
    /// The highest token id.
    package let highestToken: Int

    /// CLIP's tokenizer.json is below 4 MiB.
    private static let maximumBytes = 32 << 20
    /// CLIP adds two.
    private static let maximumSpecials = 4096

    static let startText = "<|startoftext|>"
    static let endText = "<|endoftext|>"

    package init(directory: String) throws(CheckpointError) {
        let whole = directory + "/tokenizer.json"
        if FileManager.default.fileExists(atPath: whole) {
            try self.init(tokenizerJSON: whole)
        } else {
            try self.init(vocabulary: directory + "/vocab.json", merges: directory + "/merges.txt")
        }
    }

    init(tokenizerJSON path: String) throws(CheckpointError) {
        let file = try JSONFile(path: path, limit: Self.maximumBytes)
        guard let model = file.object("model"), try model.text("type", default: "BPE") == "BPE",
            let vocabulary = try model.object("vocab")?.wholeNumbers(), let merges = model.list("merges")
        else { throw file.wrong("model", "a BPE model with vocab and merges") }
        var pairs: [(String, String)] = []
        pairs.reserveCapacity(merges.count)
        for merge in merges {
            if let pair = merge as? [String], pair.count == 2 {
                pairs.append((pair[0], pair[1]))
            } else if let line = merge as? String, let pair = Self.pair(line[...]) {
                pairs.append(pair)
            } else {
                throw model.wrong("merges", "a list of pairs")
            }
        }
        let listed = file.list("added_tokens") ?? []
        guard listed.count <= Self.maximumSpecials else {
            throw file.wrong("added_tokens", "at most \(Self.maximumSpecials) tokens")
        }
        let added = listed.compactMap { entry -> Special? in
            guard let entry = entry as? [String: Any], let text = entry["content"] as? String, !text.isEmpty,
                let number = (entry["id"] as? NSNumber)?.int32Value
            else { return nil }
            return Special(
                text: text,
                number: number,
                normalized: (entry["normalized"] as? NSNumber)?.boolValue ?? false
            )
        }
        try self.init(
            path: path,
            vocabulary: vocabulary,
            pairs: pairs,
            endOfWord: try model.text("end_of_word_suffix", default: ""),
            specials: added
        )
    }

    init(vocabulary path: String, merges mergesPath: String) throws(CheckpointError) {
        let vocabulary = try JSONFile(path: path, limit: Self.maximumBytes).wholeNumbers()
        let remedy = "vocab.json requires it"
        let merges = try CheckpointFile.contents(of: mergesPath, limit: 4 << 20, ifAbsent: remedy)
        let text = String(decoding: merges, as: UTF8.self)
        var pairs: [(String, String)] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || (index == 0 && line.hasPrefix("#version")) { continue }
            guard let pair = Self.pair(line) else {
                throw CheckpointError(
                    .malformed,
                    at: "\(mergesPath):\(index + 1)",
                    "expected two tokens separated by a space"
                )
            }
            pairs.append(pair)
        }
        let specials = [Self.startText, Self.endText].compactMap { text in
            vocabulary[text].map { Special(text: text, number: Int32($0), normalized: false) }
        }
        try self.init(path: path, vocabulary: vocabulary, pairs: pairs, endOfWord: "</w>", specials: specials)
    }

    private init(
        path: String,
        vocabulary: [String: Int],
        pairs: [(String, String)],
        endOfWord: String,
        specials: [Special]
    ) throws(CheckpointError) {
        func number(_ text: String) -> Int32? {
            vocabulary[text].map { Int32($0) } ?? specials.first { $0.text == text }?.number
        }
        guard let start = number(Self.startText), let end = number(Self.endText) else {
            throw CheckpointError(
                .malformed,
                at: path,
                "lacks \(Self.startText) or \(Self.endText); it is not a CLIP tokenizer"
            )
        }
        guard
            let encoder = BytePairEncoder(
                vocabulary: vocabulary,
                pairs: pairs,
                endOfWord: endOfWord,
                unknown: Int(end)
            )
        else { throw CheckpointError(.malformed, at: path, "a merge names a token that is not in the vocabulary") }
        self.encoder = encoder
        self.specials = specials
        self.start = start
        self.end = end
        let numbers = Set(vocabulary.values).union(specials.map { Int($0.number) })
        vocabularySize = numbers.count
        highestToken = numbers.max() ?? 0
    }

    private static func pair(_ line: Substring) -> (String, String)? {
        let parts = line.trimmingCharacters(in: .init(charactersIn: "\r")).split(separator: " ")
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }

    /// Encodes a text between a start and an end token.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - limit: the most tokens to return, at least 2. A longer text is truncated; the end token is kept.
    /// - Returns: the token ids.
    package func encode(_ text: String, limit: Int = 77) -> [Int32] {
        precondition(limit >= 2, "a text needs room for its start and end tokens")
        var tokens = [start]
        let raw = specials.filter { !$0.normalized }
        let late = specials.filter(\.normalized)
        split(text[...], by: raw, into: &tokens) { part, tokens in
            let normalized = String(WordSplitter.normalized(part))
            split(normalized[...], by: late, into: &tokens) { part, tokens in
                WordSplitter.forEachWord(in: String(part).unicodeScalars) { encoder.encode($0, into: &tokens) }
            }
        }
        if tokens.count >= limit { tokens.removeLast(tokens.count - (limit - 1)) }
        tokens.append(end)
        return tokens
    }

    /// Splits `text` at each special token, leftmost first. `body` receives the parts in between.
    private func split(
        _ text: Substring,
        by specials: [Special],
        into tokens: inout [Int32],
        _ body: (Substring, inout [Int32]) -> Void
    ) {
        // Match scalars, not characters: a combining mark after a token would join its last character and hide the
        // token.
        let scalars = text.unicodeScalars
        var rest = scalars.startIndex
        var at = rest
        while at < scalars.endIndex {
            if let special = specials.first(where: { scalars[at...].starts(with: $0.text.unicodeScalars) }) {
                if rest < at { body(Substring(scalars[rest..<at]), &tokens) }
                tokens.append(special.number)
                at = scalars.index(at, offsetBy: special.text.unicodeScalars.count)
                rest = at
            } else {
                at = scalars.index(after: at)
            }
        }
        if rest < scalars.endIndex { body(Substring(scalars[rest...]), &tokens) }
    }
}
