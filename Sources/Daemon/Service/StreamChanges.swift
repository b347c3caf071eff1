import Settings

/// How a new configuration changes each stream. Pure.
///
/// A stream in which only the labels' rules have changed keeps its window, its connection and its open events. Any other
/// change restarts the stream: the old one ends and a new one begins.
struct StreamChanges: Equatable {
    enum Fate: Equatable {
        case kept
        /// Only the labels' rules have changed.
        case newRules
        case replaced
        case added
    }

    /// The new streams in their order.
    private(set) var streams: [(configuration: StreamConfiguration, fate: Fate)] = []
    private(set) var removed: [String] = []

    init(from old: [StreamConfiguration], to new: [StreamConfiguration]) {
        streams = new.map { stream in
            guard let before = old.first(where: { $0.name == stream.name }) else { return (stream, .added) }
            if before == stream { return (stream, .kept) }
            return (stream, stream.withRules(of: before) == before ? .newRules : .replaced)
        }
        removed = old.map(\.name).filter { name in !new.contains { $0.name == name } }
    }

    /// One line for people: the streams that changed, by the kind of change.
    var summary: String {
        let parts = [
            Self.part("added", names(.added)), Self.part("removed", removed), Self.part("restarted", names(.replaced)),
            Self.part("rules changed", names(.newRules)),
        ].compactMap(\.self)
        return parts.isEmpty ? "no stream has changed" : parts.joined(separator: "; ")
    }

    func names(_ fate: Fate) -> [String] { streams.filter { $0.fate == fate }.map(\.configuration.name) }

    private static func part(_ change: String, _ names: [String]) -> String? {
        names.isEmpty ? nil : "\(change): \(names.joined(separator: ", "))"
    }

    static func == (left: StreamChanges, right: StreamChanges) -> Bool {
        left.removed == right.removed && left.streams.elementsEqual(right.streams, by: ==)
    }
}

extension StreamConfiguration {
    /// This stream with the rules of `other`: of each label that both have at the same place.
    fileprivate func withRules(of other: StreamConfiguration) -> StreamConfiguration {
        var stream = self
        stream.options.rules = other.options.rules
        stream.options.textThresholds = other.options.textThresholds
        for (index, label) in other.labels.enumerated() where stream.labels.indices.contains(index) {
            stream.labels[index].rules = label.rules
        }
        for (index, signal) in other.signals.enumerated() where stream.signals.indices.contains(index) {
            stream.signals[index].label.rules = signal.label.rules
        }
        return stream
    }
}
