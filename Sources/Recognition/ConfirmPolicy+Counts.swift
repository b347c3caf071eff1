package import Text

extension ConfirmPolicy {
    /// Decisions with a score in the band, by what became of them. Each is counted once.
    package struct Counts: Sendable, Equatable {
        /// Confirmed, because a score would have changed an event.
        package var changing = 0
        /// Confirmed, because drift may have hidden the beginning of a change.
        package var hovering = 0
        /// Not confirmed: as `hovering`, but scores have hovered for so long that their confirmations are spaced.
        package var spared = 0
        /// Not confirmed: the exact pass in int8 was asked, and no drift of its scores could take one to the other side.
        package var settled = 0

        package init() {}

        package var confirmed: Int { changing + hovering }

        package mutating func add(_ other: Counts) {
            changing += other.changing
            hovering += other.hovering
            spared += other.spared
            settled += other.settled
        }

        /// Each count with the name that reports and metrics give it.
        package var byReason: [(reason: String, count: Int)] {
            [("change", changing), ("hover", hovering), ("spared", spared), ("settled", settled)]
        }

        /// One JSON object with all counts.
        package var line: JSONLine {
            var line = JSONLine()
            for (reason, count) in byReason { line.add(reason, count) }
            return line
        }
    }
}
