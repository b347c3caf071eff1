import Checkpoints
import Foundation

/// The merges of byte-pair encoding: `merges.txt`, a pair on each line in order of rank.
enum MergesFile {
    static func pairs(path: String) throws(CheckpointError) -> [(String, String)] {
        let bytes = try CheckpointFile.contents(of: path, limit: 4 << 20, ifAbsent: "vocab.json requires it")
        let text = String(decoding: bytes, as: UTF8.self)
        var pairs: [(String, String)] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line.hasPrefix("#version") { continue }
            guard let pair = pair(line) else {
                throw CheckpointError(
                    .malformed,
                    at: "\(path):\(index + 1)",
                    "expected two tokens separated by a space"
                )
            }
            pairs.append(pair)
        }
        return pairs
    }

    static func pair(_ line: Substring) -> (String, String)? {
        let parts = line.trimmingCharacters(in: .init(charactersIn: "\r")).split(separator: " ")
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }
}
