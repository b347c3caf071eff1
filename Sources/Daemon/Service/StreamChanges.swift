import Settings

/// What a new configuration makes of each stream. Pure.
///
/// A stream whose labels only have other rules goes on with its window, its connection and its open events. Anything
/// else that differs makes it another stream: the old one ends.
struct StreamChanges: Equatable {
    enum Fate: Equatable {
        case kept
        /// Only the labels' rules are others.
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

    /// For people: what becomes of the streams that do not just go on.
    var summary: String {
        let parts = [
            Self.part("added", names(.added)), Self.part("removed", removed), Self.part("begun anew", names(.replaced)),
            Self.part("with other rules", names(.newRules)),
        ].compactMap(\.self)
        return parts.isEmpty ? "no stream has changed" : parts.joined(separator: "; ")
    }

    func names(_ fate: Fate) -> [String] { streams.filter { $0.fate == fate }.map(\.configuration.name) }

    private static func part(_ what: String, _ names: [String]) -> String? {
        names.isEmpty ? nil : "\(what): \(names.joined(separator: ", "))"
    }

    static func == (left: StreamChanges, right: StreamChanges) -> Bool {
        left.removed == right.removed && left.streams.elementsEqual(right.streams, by: ==)
    }
}

extension StreamConfiguration {
    /// The same stream with the rules of `other`'s labels where the labels are the same.
    fileprivate func withRules(of other: StreamConfiguration) -> StreamConfiguration {
        var stream = self
        stream.options.rules = other.options.rules
        for (index, label) in other.labels.enumerated() where stream.labels.indices.contains(index) {
            stream.labels[index].rules = label.rules
        }
        return stream
    }
}
