import Events
import Testing

@Suite struct DetectionTallyTests {
    private func event(_ start: Double, _ end: Double, _ emission: Double) -> DetectedEvent {
        DetectedEvent(start: start, end: end, emission: emission)
    }

    @Test func countsEqualThoseComputedByHand() {
        var tally = DetectionTally()
        // True: 10–20, 40–50, 70–80. Emitted: one on time, one late, two without a true event.
        tally.add(
            [event(10.5, 22, 11.5), event(30, 32, 31), event(44, 52, 45), event(90, 91, 90)],
            [TruthEvent(start: 10, end: 20), TruthEvent(start: 40, end: 50), TruthEvent(start: 70, end: 80)],
            tolerance: 1
        )
        #expect(tally.truths == 3 && tally.emitted == 4 && tally.matched == 2 && tally.onsetMatched == 1)
        #expect(tally.precision == 0.5)
        #expect(tally.recall == 2.0 / 3)
        #expect(tally.f1 == 4.0 / 7)
        #expect(tally.onsetF1 == 2.0 / 7)
        #expect(tally.falseEvents == 2)
        #expect(tally.delays.values == [1.5, 5])
        #expect(tally.delays.median == 3.25)
    }

    @Test func labelsAddUp() {
        var good = DetectionTally()
        good.add([event(1, 2, 1)], [TruthEvent(start: 1, end: 2)], tolerance: 0)
        var missed = DetectionTally()
        missed.add([], [TruthEvent(start: 1, end: 2)], tolerance: 0)
        var spurious = DetectionTally()
        spurious.add([event(1, 2, 1)], [], tolerance: 0)
        var total = good
        total.add(missed)
        total.add(spurious)
        #expect(total.truths == 2 && total.emitted == 2 && total.matched == 1)
        #expect(total.precision == 0.5 && total.recall == 0.5 && total.f1 == 0.5)
        // The label without true events does not count.
        #expect(DetectionTally.macroF1(of: [good, missed, spurious]) == 0.5)
        #expect(DetectionTally.macroF1(of: [spurious]) == nil)
    }

    @Test func undefinedFiguresAreNil() {
        var tally = DetectionTally()
        #expect(tally.precision == nil && tally.recall == nil && tally.f1 == nil && tally.delays.median == nil)
        tally.add([], [TruthEvent(start: 1, end: 2)], tolerance: 1)
        #expect(tally.precision == nil && tally.recall == 0 && tally.f1 == 0 && tally.onsetF1 == 0)
    }
}
