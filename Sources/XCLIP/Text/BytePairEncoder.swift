/// Byte-pair encoding of one word: its UTF-8 bytes, the last marked as the word's end, merged in the order of rank.
struct BytePairEncoder: Sendable {
    private struct Merge {
        let rank: Int
        let merged: Int32
    }

    /// Token of each byte inside a word, and of each byte that ends one.
    private let inner: [Int32]
    private let final: [Int32]
    private let merges: [UInt64: Merge]

    /// `vocabulary`: token text (bytes as CLIP's printable characters) → number. `pairs`: merges in the order of rank.
    /// A byte without a token of its own becomes `unknown`. Returns nil where a merge names a token that is not there.
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

    /// The printable character that stands for each byte (GPT-2's `bytes_to_unicode`).
    static let byteSymbols: [Unicode.Scalar] = {
        var next: UInt32 = 256
        return (0...255).map { (byte: UInt32) in
            let printable = (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
            defer { if !printable { next += 1 } }
            return Unicode.Scalar(printable ? byte : next) ?? " "
        }
    }()
}
