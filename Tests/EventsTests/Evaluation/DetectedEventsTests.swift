import Events
import Testing

@Suite struct DetectedEventsTests {
    private let rules = EventRules(
        threshold: 0.6,
        release: 0.4,
        minDuration: .seconds(1),
        hold: .seconds(1),
        cooldown: .zero
    )

    private func events(_ scores: [Double]) -> [DetectedEvent] {
        DetectedEvents.make(of: scores.enumerated().map { (time: .seconds($0), score: $1) }, rules: rules)
    }

    @Test func eventStartsAtTheRiseAndIsEmittedAfterMinDuration() {
        let found = events([0, 0.7, 0.9, 0.7, 0.3, 0.2, 0, 0])
        #expect(found == [DetectedEvent(start: 1, end: 5, emission: 2)])
    }

    @Test func openEventEndsAtTheLastScore() {
        let found = events([0, 0.7, 0.9, 0.3, 0.3, 0.8, 0.8, 0.8])
        #expect(
            found == [DetectedEvent(start: 1, end: 4, emission: 2), DetectedEvent(start: 5, end: 7, emission: 6)]
        )
    }

    @Test func scoreThatDoesNotHoldIsNotAnEvent() {
        #expect(events([0, 0.7, 0, 0.7]).isEmpty)
    }
}
