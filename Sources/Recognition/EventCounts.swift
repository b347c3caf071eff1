/// What became of a label's scores that would have been events of their own, since the stream began.
package struct EventCounts: Sendable, Equatable {
    /// Held for `min_duration` and gone again before the cooldown was over.
    package var suppressed: UInt64 = 0
    /// Made part of the event before by the merge gap.
    package var merged: UInt64 = 0

    package init(suppressed: UInt64 = 0, merged: UInt64 = 0) {
        self.suppressed = suppressed
        self.merged = merged
    }
}
