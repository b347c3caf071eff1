/// A label as the history knows it.
package struct HistoryLabel: Sendable, Equatable {
    /// For people.
    package var name: String
    /// A digest of the model and of all that the label's lead depends on. A label that changes has another key, so its history
    /// begins anew.
    package var key: String
    /// How long a lead must hold to start an event: what a minute's `held` is of.
    package var minDuration: Duration

    package init(name: String, key: String, minDuration: Duration) {
        self.name = name
        self.key = key
        self.minDuration = minDuration
    }
}

/// The labels of a stretch of history, in the order of a decision's leads.
package struct HistoryLabels: Sendable, Equatable {
    package var labels: [HistoryLabel]
    /// The time between two decisions.
    package var interval: Duration

    package init(labels: [HistoryLabel], interval: Duration) {
        self.labels = labels
        self.interval = interval
    }

    /// Decisions further apart than this do not belong together: the stream was not watched in between.
    package var longestPause: Duration { interval * 3 + .seconds(1) }
}
