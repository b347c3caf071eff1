import Text

/// Which lines of the event socket are wanted.
package struct EventFilter: Sendable {
    /// Patterns; none for all.
    package var streams: [String] = []
    package var labels: [String] = []
    /// States of events; none for all.
    package var states: [String] = []
    /// The record after which to begin; nil for what comes from now on.
    package var since: UInt64?
    package var scores = false

    package init() {}

    /// The subscribe request.
    func request(since: UInt64) -> String {
        var inner = JSONLine()
        inner.add("types", ["event", "stream", "journal"] + (scores ? ["scores"] : []))
        if !streams.isEmpty { inner.add("streams", streams) }
        if !labels.isEmpty { inner.add("labels", labels) }
        inner.add("since", since)
        var line = JSONLine()
        line.add("subscribe", inner)
        return line.text
    }

    /// Whether a line passes what the daemon does not filter itself.
    func passes(_ line: JSONValue) -> Bool {
        guard !states.isEmpty, line["type"]?.string == "event", let state = line["state"]?.string else { return true }
        return states.contains(state)
    }
}
