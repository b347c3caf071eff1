package import Checkpoints
import Foundation

/// CLIP's tokenizer: lower-cased, byte-level BPE between a start and an end token. It reads `tokenizer.json`, or
/// `vocab.json` with `merges.txt`, and the tokens that other files beside them add.
package struct Tokenizer: Sendable {
    private let encoder: BytePairEncoder
    /// Tokens that are matched before normalisation, and after it.
    private let raw: AddedTokenMatcher
    private let normalized: AddedTokenMatcher
    private let start: Int32
    /// The token that ends a text, and the one that transformers pads the shorter texts of a batch with.
    let end: Int32
    let padding: Int32
    /// The number of tokens, including added ones.
    package let vocabularySize: Int
    /// The highest token id.
    package let highestToken: Int
    /// Tokens beside the start and the end that are matched as a whole.
    package let addedTokens: [String]
    /// The names of the files that were read.
    package let files: [String]
    /// The file that holds the vocabulary.
    let path: String

    /// CLIP's tokenizer.json is below 4 MiB.
    static let maximumBytes = 32 << 20
    /// CLIP adds two.
    static let maximumAdded = 4096

    static let startText = "<|startoftext|>"
    static let endText = "<|endoftext|>"

    package init(directory: String) throws(CheckpointError) {
        let files = try TokenizerFiles(directory: directory)
        func number(_ text: String) throws(CheckpointError) -> Int32 {
            guard let number = files.added.number(of: text) else {
                throw CheckpointError(.malformed, at: files.path, "lacks \(text); it is not a CLIP tokenizer")
            }
            return Int32(clamping: number)
        }
        (start, end, padding) = (try number(files.start), try number(files.end), try number(files.padding))
        let unknown = files.vocabulary[files.unknown]
        guard unknown != nil || BytePairEncoder.hasAllBytes(files.vocabulary) else {
            throw CheckpointError(.malformed, at: files.path, "has no token for some bytes, nor an unk_token for them")
        }
        guard
            let encoder = BytePairEncoder(
                vocabulary: files.vocabulary,
                pairs: files.pairs,
                endOfWord: "</w>",
                unknown: unknown ?? 0
            )
        else {
            throw CheckpointError(.malformed, at: files.path, "a merge names a token that is not in the vocabulary")
        }
        self.encoder = encoder
        let tokens = files.added.tokens.filter { !files.splitsSpecial || !$0.value.isSpecial }
        raw = AddedTokenMatcher(tokens.filter { !$0.value.isNormalized })
        normalized = AddedTokenMatcher(tokens.filter { $0.value.isNormalized })
        vocabularySize = files.added.count
        highestToken = files.added.highest
        let ends = Set([files.start, files.end])
        addedTokens = files.added.tokens.sorted { $0.key < $1.key }.map(\.value.content).filter { !ends.contains($0) }
        self.files = files.names
        path = files.path
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
        // Scalars, not characters: a combining mark after a token would join its last character and hide the token.
        raw.split(Array(text.unicodeScalars)) {
            tokens.append($0)
        } rest: { part in
            let words = WordSplitter.normalized(Substring(Substring.UnicodeScalarView(part)))
            normalized.split(Array(words)) {
                tokens.append($0)
            } rest: { part in
                WordSplitter.forEachWord(in: String.UnicodeScalarView(part)) { encoder.encode($0, into: &tokens) }
            }
        }
        if tokens.count >= limit { tokens.removeLast(tokens.count - (limit - 1)) }
        tokens.append(end)
        return tokens
    }

    /// The words of `text` that `limit` tokens hold; nil if that is all of them.
    package func cut(_ text: String, limit: Int) -> Substring? {
        func fits(_ part: Substring) -> Bool { encode(String(part), limit: limit + 1).count <= limit }
        guard !fits(text[...]) else { return nil }
        let ends = text.indices.filter { text[$0].isWhitespace }
        var (least, most) = (0, ends.count)
        while least < most {
            let middle = (least + most + 1) / 2
            if fits(text[..<ends[middle - 1]]) { least = middle } else { most = middle - 1 }
        }
        return least > 0 ? text[..<ends[least - 1]] : text.prefix(limit)
    }
}
