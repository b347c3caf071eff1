import Events
import Metrics
import Synchronization

/// Counts event records for Prometheus: one series for each label of a stream and each state.
///
/// A series exists while its label is watched. It starts at 0, so that the first event shows as a rise.
final class EventCounters: Sendable {
    private struct Series: Hashable {
        var stream: String
        var label: String
        var state: LabelEvent.State
    }

    private struct Table {
        /// In the order of the configuration.
        var order: [Series] = []
        var counts: [Series: UInt64] = [:]
    }

    private let table = Mutex(Table())

    /// Adds the series of a stream's labels at 0. Existing ones keep their counts.
    func add(stream: String, labels: [String]) {
        table.withLock { table in
            for series in Self.series(stream, labels) where table.counts[series] == nil {
                table.counts[series] = 0
                table.order.append(series)
            }
        }
    }

    /// Removes every series that belongs to none of these streams' labels, and puts the others in this order.
    func keep(only streams: [(name: String, labels: [String])]) {
        table.withLock { table in
            table.order = streams.flatMap { Self.series($0.name, $0.labels) }.filter { table.counts[$0] != nil }
            let kept = Set(table.order)
            table.counts = table.counts.filter { kept.contains($0.key) }
        }
    }

    /// Counts one record. Does nothing for a label that is not watched.
    func increment(stream: String, label: String, state: LabelEvent.State) {
        table.withLock { $0.counts[Series(stream: stream, label: label, state: state)]? += 1 }
    }

    var family: MetricFamily {
        var family = MetricFamily(
            .counter,
            "watchword_events_total",
            "Event records by their state: started, updated or ended."
        )
        let table = table.withLock { $0 }
        for series in table.order {
            let labels: KeyValuePairs = [
                "stream": series.stream, "label": series.label, "state": series.state.rawValue,
            ]
            family.add(table.counts[series] ?? 0, labels)
        }
        return family
    }

    private static func series(_ stream: String, _ labels: [String]) -> [Series] {
        labels.flatMap { label in
            LabelEvent.State.allCases.map { Series(stream: stream, label: label, state: $0) }
        }
    }
}
