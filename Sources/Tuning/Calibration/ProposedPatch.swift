import Text

/// What proposed thresholds make of a configuration file: a report of them ends with it.
package struct ProposedPatch: Sendable {
    /// A label's new threshold, as it is written; `label` is its index among the stream's labels.
    package typealias Change = (label: Int, threshold: Double, release: Double)

    /// The diff from the file to one with the proposals; empty if nothing changes.
    package let diff: String
    /// Indices of labels whose proposal could not be written into the file.
    package let refused: Set<Int>

    package init(diff: String = "", refused: Set<Int> = []) {
        self.diff = diff
        self.refused = refused
    }

    /// For people, then the diff. Every line before the diff begins with `# `, which `patch` passes over.
    func text(after lines: [String]) -> String {
        let report = lines.map { line in
            line.isEmpty ? "#" : "# " + line.escapingControlCharacters()
        }.joined(separator: "\n")
        return diff.isEmpty ? report : report + "\n" + diff.dropLast()
    }

    /// What is left to do by hand.
    func notes(of changes: [Change], name: (Int) -> String) -> [String] {
        if changes.isEmpty { return ["Nothing to change."] }
        return changes.filter { refused.contains($0.label) }.map { change in
            "\(name(change.label)): its lines in the file could not be edited safely; set threshold: "
                + "\(NumberText.format(change.threshold)) and release: \(NumberText.format(change.release)) there by hand."
        }
    }
}
