/// What each logit of a window is of: the labels, then the texts against each label, in the labels' order, then the
/// background.
package struct LogitLayout: Sendable, Equatable {
    package let labels: Int
    /// The index of the first logit after each label's `against`.
    private let ends: [Int]

    /// - Parameters:
    ///   - labels: the number of labels.
    ///   - against: the number of texts against each label; empty if there are none at all.
    package init(labels: Int, against: [Int] = []) {
        precondition(against.isEmpty || against.count == labels, "a number for each label")
        self.labels = labels
        var end = labels
        ends = against.map {
            end += $0
            return end
        }
    }

    /// The logits of the texts that compete with a label alone.
    package func against(ofLabel label: Int) -> Range<Int> {
        guard !ends.isEmpty else { return labels..<labels }
        return (label == 0 ? labels : ends[label - 1])..<ends[label]
    }

    /// The index of the background's first logit.
    package var background: Int { ends.last ?? labels }
}
