import Signals

extension Configuration {
    /// What is right as it is, but may surprise: signals that are listed though they are often wrong.
    package var notes: [String] {
        streams.compactMap { stream in
            let names = stream.signals.map(\.signal).filter { !$0.isReliable }.map(\.label)
            guard !names.isEmpty else { return nil }
            return "streams.\(stream.name) lists \(names.joined(separator: ", ")): on real scenes too many of these "
                + "events are false for an alarm; look at their pictures first"
        }
    }
}
