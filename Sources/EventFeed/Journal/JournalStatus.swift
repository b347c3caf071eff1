package import Text

/// How the journal is doing.
package struct JournalStatus: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        /// What subscribers get is saved before they get it.
        case ok
        /// Records reach subscribers unsaved.
        case degraded
    }

    package var state: State
    /// What is wrong or, in `ok`, what was; nil where nothing is to be said.
    package var reason: String?
    /// When this state began.
    package var since: UTCTime

    /// For subscribers: not numbered and not kept.
    var line: JSONLine {
        var line = JSONLine(type: "journal")
        line.add("state", state.rawValue)
        line.add("reason", reason)
        line.add("since", since)
        return line
    }
}
