public import Events

/// How the journal is doing.
public struct JournalStatus: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        /// What subscribers get is saved before they get it.
        case ok
        /// Records reach subscribers unsaved.
        case degraded
    }

    public var state: State
    /// What is wrong or, in `ok`, what was; nil where nothing is to be said.
    public var reason: String?
    /// When this state began.
    public var since: UTCTime

    /// For subscribers: not numbered and not kept.
    var line: JSONLine {
        var line = JSONLine(type: "journal")
        line.add("state", state.rawValue)
        line.add("reason", reason)
        line.add("since", since)
        return line
    }
}
