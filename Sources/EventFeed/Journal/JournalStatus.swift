package import Text

/// The state of the journal.
package struct JournalStatus: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        /// Every record is saved before subscribers get it.
        case ok
        /// Records reach subscribers unsaved.
        case degraded
    }

    package var state: State
    /// What is wrong; nil in `ok`.
    package var reason: String?
    /// When this state began.
    package var since: UTCTime

    /// The line for subscribers. It is neither numbered nor kept.
    var line: JSONLine {
        var line = JSONLine(type: "journal")
        line.add("state", state.rawValue)
        line.add("reason", reason)
        line.add("since", since)
        return line
    }
}
