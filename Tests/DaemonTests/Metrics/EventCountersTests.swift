import Events
import Metrics
import Testing

@testable import Daemon

@Suite struct EventCountersTests {
    private func values(_ counters: EventCounters) -> [String: Double] {
        var values: [String: Double] = [:]
        for sample in counters.family.samples {
            guard case .number(let number) = sample.value else { continue }
            values[sample.labels.map(\.value).joined(separator: " ")] = number
        }
        return values
    }

    @Test func aSeriesStartsAtZeroAndCounts() {
        let counters = EventCounters()
        counters.add(stream: "door", labels: ["a cat"])
        #expect(values(counters) == ["door a cat started": 0, "door a cat updated": 0, "door a cat ended": 0])
        counters.increment(stream: "door", label: "a cat", state: .started)
        counters.increment(stream: "door", label: "a dog", state: .started)
        // A stream that a reload restarts goes on counting.
        counters.add(stream: "door", labels: ["a cat"])
        #expect(values(counters) == ["door a cat started": 1, "door a cat updated": 0, "door a cat ended": 0])
        #expect(counters.family.kind == .counter)
    }

    @Test func aLabelThatIsNoLongerWatchedIsForgotten() {
        let counters = EventCounters()
        counters.add(stream: "door", labels: ["a", "b"])
        counters.add(stream: "yard", labels: ["a"])
        counters.increment(stream: "door", label: "b", state: .ended)
        counters.keep(only: [("door", ["b"])])
        #expect(values(counters) == ["door b started": 0, "door b updated": 0, "door b ended": 1])
        // Back again, it starts at 0.
        counters.add(stream: "yard", labels: ["a"])
        #expect(values(counters)["yard a started"] == 0)
    }
}
