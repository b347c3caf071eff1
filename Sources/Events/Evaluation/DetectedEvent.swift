/// An event emitted for one label of one stream. Stream times are in seconds.
package struct DetectedEvent: Sendable, Equatable {
    /// When the score first reached the threshold: the `start_time` of the event.
    package var start: Double
    package var end: Double
    /// When the event was reported: the time of its `started` transition.
    package var emission: Double

    package init(start: Double, end: Double, emission: Double) {
        self.start = start
        self.end = end
        self.emission = emission
    }
}

/// Collects one label's transitions into its events.
package struct DetectedEvents: Sendable {
    /// The events that have ended, in time order.
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

    /// The events that `rules` produce from one label's scores. An event that is still open at the last score ends
    /// there.
    ///
    /// - Parameters:
    ///   - scores: stream times and scores, in time order.
    ///   - rules: when a score makes an event.
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
