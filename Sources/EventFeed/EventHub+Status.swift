import Synchronization
package import Text

/// The answer to `{"status":{}}`: the state of the daemon.
extension EventHub {
    /// Sets what the daemon adds to a status. `describe` is called on the server's thread for each request and must not
    /// wait.
    package func describeStatus(_ describe: @escaping @Sendable (inout JSONLine) -> Void) {
        state.withLock { $0.describe = describe }
    }

    /// The state of the journal; nil without one.
    package var journalStatus: JournalStatus? { journal?.status }

    /// The streams and labels of the open events.
    package var openEvents: [(stream: String, label: String)] {
        state.withLock { state in
            state.openEvents.values.flatMap { open in open.line.labels.map { (open.line.stream, $0) } }
        }
    }

    func status(_ statistics: FeedStatistics) -> JSONLine {
        let (head, open, describe) = state.withLock { ($0.head, $0.openLines, $0.describe) }
        var line = JSONLine(type: "status")
        line.add("version", version)
        describe?(&line)
        var feed = JSONLine()
        feed.add("seq_last", head.seqLast)
        feed.add("subscribers", statistics.subscribers)
        feed.add("cut_off", statistics.cutOff)
        feed.add("refused", statistics.refused)
        feed.add("dropped_scores", statistics.droppedScores + droppedScores)
        line.add("feed", feed)
        line.add("journal", journal?.status.statusMembers)
        line.add("open", open)
        return line
    }
}

extension JournalStatus {
    fileprivate var statusMembers: JSONLine {
        var line = JSONLine()
        line.add("state", state.rawValue)
        line.add("reason", reason)
        line.add("since", since)
        return line
    }
}
