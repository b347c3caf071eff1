/// Byte-pair encoding of one word. It starts with the word's UTF-8 bytes, the last one marked as the end, and applies
/// the merges in order of rank.
struct BytePairEncoder: Sendable {
    private struct Merge {
        let rank: Int
        let merged: Int32
    }

    /// The token of each byte inside a word.
    private let inner: [Int32]
    /// The token of each byte at the end of a word.
    private let final: [Int32]
    private let merges: [UInt64: Merge]

    /// Returns nil if a merge names a token that is not in the vocabulary.
    ///
    /// - Parameters:
    ///   - vocabulary: the token id of each token text, whose bytes are written as CLIP's printable characters.
    ///   - pairs: the merges, in order of rank.
    ///   - endOfWord: the suffix of a token that ends a word.
    ///   - unknown: the token id for a byte without a token.
    init?(vocabulary: [String: Int], pairs: [(String, String)], endOfWord: String, unknown: Int) {
        let symbols = Self.byteSymbols
        inner = symbols.map { Int32(vocabulary[String($0)] ?? unknown) }
        final = symbols.map { Int32(vocabulary[String($0) + endOfWord] ?? unknown) }
        var merges: [UInt64: Merge] = [:]
        merges.reserveCapacity(pairs.count)
        for (rank, pair) in pairs.enumerated() {
            guard
                let left = vocabulary[pair.0], let right = vocabulary[pair.1], let merged = vocabulary[pair.0 + pair.1]
            else { return nil }
            merges[Self.key(Int32(left), Int32(right))] = Merge(rank: rank, merged: Int32(merged))
        }
        self.merges = merges
    }

    /// Appends the word's tokens to `tokens`.
    func encode(_ word: String, into tokens: inout [Int32]) {
        var symbols = word.utf8.map { inner[Int($0)] }
        guard let last = word.utf8.last else { return }
        symbols[symbols.count - 1] = final[Int(last)]
        while symbols.count > 1 {
            var best: (at: Int, merge: Merge)?
            for at in 0..<symbols.count - 1 {
                guard let merge = merges[Self.key(symbols[at], symbols[at + 1])] else { continue }
                if best.map({ merge.rank < $0.merge.rank }) ?? true { best = (at, merge) }
            }
            guard let best else { break }
            symbols[best.at] = best.merge.merged
            symbols.remove(at: best.at + 1)
        }
        tokens.append(contentsOf: symbols)
    }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// Whether every byte has a token, inside a word and at its end.
    static func hasAllBytes(_ vocabulary: [String: Int]) -> Bool {
        byteSymbols.allSatisfy { vocabulary[String($0)] != nil && vocabulary[String($0) + "</w>"] != nil }
    }

    /// The printable character that represents each byte (GPT-2's `bytes_to_unicode`).
    static let byteSymbols: [Unicode.Scalar] = {
        var next: UInt32 = 256
        return (0...255).map { (byte: UInt32) in
            let printable = (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
            defer { if !printable { next += 1 } }
            return Unicode.Scalar(printable ? byte : next) ?? " "
        }
    }()
}
