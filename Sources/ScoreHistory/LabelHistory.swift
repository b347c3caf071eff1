package import Text

/// What the history has of one label.
package struct LabelHistory: Sendable {
    package typealias Sample = (time: UTCTime, lead: Double)

    package var name: String
    /// The time between two decisions.
    package var interval: Duration
    /// Every decision of the last day, in stretches without a pause.
    package internal(set) var stretches: [[Sample]] = []
    /// The minutes before the first of these decisions.
    package internal(set) var minutes: [MinuteSummary] = []

    /// The time that all of it covers.
    package var covered: Duration {
        minutes.reduce(.zero) { $0 + $1.covered } + interval * stretches.reduce(0) { $0 + $1.count }
    }

    /// What lies before this.
    package func before(_ time: UTCTime) -> LabelHistory {
        var rest = self
        rest.minutes = minutes.filter { $0.start + .seconds(60) <= time }
        rest.stretches = stretches.map { stretch in stretch.filter { $0.time < time } }.filter { !$0.isEmpty }
        return rest
    }

    /// What lies outside of these spans.
    package func without(_ spans: [Range<UTCTime>]) -> LabelHistory {
        guard !spans.isEmpty else { return self }
        var rest = self
        rest.minutes.removeAll { minute in
            spans.contains { $0.overlaps(minute.start..<minute.start + .seconds(60)) }
        }
        rest.stretches = stretches.flatMap { stretch in
            stretch.split { sample in spans.contains { $0.contains(sample.time) } }.map(Array.init)
        }
        return rest
    }
}
