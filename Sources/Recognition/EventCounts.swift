/// Counts, since the stream began, of a label's starts that did not become events of their own.
package struct EventCounts: Sendable, Equatable {
    /// Scores that held for `min_duration` but fell before the cooldown was over.
    package var suppressed: UInt64 = 0
    /// Starts that the merge gap joined to the previous event.
    package var merged: UInt64 = 0

    package init(suppressed: UInt64 = 0, merged: UInt64 = 0) {
        self.suppressed = suppressed
        self.merged = merged
    }
}
