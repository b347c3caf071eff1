/// Finds the known word nearest to a misspelt one.
package enum SpellingSuggestion {
    /// The candidate with the fewest edits; nil if none is near. Near is one edit per three letters, at least one.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        let word = word.lowercased()
        guard word.count <= 64 else { return nil }
        return candidates.map { (candidate: $0, edits: edits(from: word, to: $0.lowercased())) }
            .filter { $0.edits <= max(1, max(word.count, $0.candidate.count) / 3) }
            .min { $0.edits < $1.edits }?.candidate
    }

    /// `did you mean "window"?`, or the list of candidates.
    package static func remedy(for word: String, among candidates: [String], noun: String) -> String {
        if let near = nearest(to: word, among: candidates) {
            return "did you mean \"\(near)\"?"
        }
        return "the \(noun) are \(candidates.joined(separator: ", "))"
    }

    /// The number of insertions, deletions, replacements and swaps of neighbours.
    package static func edits(from source: String, to target: String) -> Int {
        let (source, target) = (Array(source.utf8), Array(target.utf8))
        var beforeLast: [Int] = []
        var last = Array(0...target.count)
        for row in source.indices {
            var current = [row + 1]
            for column in target.indices {
                let replacement = last[column] + (source[row] == target[column] ? 0 : 1)
                var best = min(replacement, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, source[row] == target[column - 1], source[row - 1] == target[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[target.count]
    }
}
