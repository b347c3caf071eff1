import Events
import Recognition
import Signals

extension Configuration {
    /// What is right as it is, but may surprise.
    package var notes: [String] {
        streams.flatMap { [$0.noteOfSignals, $0.noteOfLearnedThresholds].compactMap(\.self) }
    }
}

extension StreamConfiguration {
    /// Signals that are listed though they are often wrong.
    fileprivate var noteOfSignals: String? {
        let names = signals.map(\.signal).filter { !$0.isReliable }.map(\.label)
        guard !names.isEmpty else { return nil }
        return "streams.\(name) lists \(names.joined(separator: ", ")): on real scenes too many of these "
            + "are missed or false for an alarm; look at their pictures first"
    }

    /// Among labels that share a score, one is high while nothing happens: that level is none of a quiet scene.
    fileprivate var noteOfLearnedThresholds: String? {
        let names = labels.filter(\.rules.isLearned).map(\.name)
        guard options.scoring == .exclusive, !names.isEmpty else { return nil }
        return "streams.\(name) has scoring: exclusive, where one label is always high, and threshold: auto for "
            + "\(names.joined(separator: ", ")): set a number there, or score independently"
    }
}
