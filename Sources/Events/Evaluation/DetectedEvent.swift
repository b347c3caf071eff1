/// An event as it was emitted on one label of one stream. Stream times in seconds.
package struct DetectedEvent: Sendable, Equatable {
    /// When the score first reached the threshold: the `start_time` of the event.
    package var start: Double
    package var end: Double
    /// When the event was said to have started: the time of its `started` transition.
    package var emission: Double

    package init(start: Double, end: Double, emission: Double) {
        self.start = start
        self.end = end
        self.emission = emission
    }
}

/// Gathers one label's transitions into its events.
package struct DetectedEvents: Sendable {
    /// Those that have ended, in time order.
    package private(set) var events: [DetectedEvent] = []
    private var emission: Double?

    package init() {}

    package mutating func add(_ transition: Transition) {
        switch transition.kind {
        case .started: emission = transition.time / .seconds(1)
        case .updated: break
        case .ended:
            let start = transition.startTime / .seconds(1)
            events.append(
                DetectedEvent(start: start, end: transition.time / .seconds(1), emission: emission ?? start)
            )
            emission = nil
        }
    }

    /// The events that `rules` make of one label's scores; what is open at the last of them ends there.
    package static func make(of scores: some Sequence<(time: Duration, score: Double)>, rules: EventRules)
        -> [DetectedEvent]
    {
        var machine = LabelEventMachine(rules: rules)
        var detected = DetectedEvents()
        var last = Duration.zero
        for (time, score) in scores {
            machine.observe(score: score, at: time) { detected.add($0) }
            last = time
        }
        if let transition = machine.end(.sourceLost, at: last) { detected.add(transition) }
        return detected.events
    }
}
