import Synchronization
import System
import TestSupport
import Testing

@testable import Recognition

/// The way of scores off the inference thread.
@Suite struct DecisionRingTests {
    private func drained(_ ring: DecisionRing) -> [[Double]] {
        var all: [[Double]] = []
        ring.drain { time, scores in all.append([time / .seconds(1)] + scores) }
        return all
    }

    @Test func decisionsComeOutInTheirOrder() {
        let ring = DecisionRing(labels: 2)
        #expect(drained(ring).isEmpty)
        for round in 0..<5 {
            for index in 0..<300 { ring.append(.seconds(index), [Double(round), Double(index)]) }
            #expect(drained(ring) == (0..<300).map { [Double($0), Double(round), Double($0)] })
        }
        #expect(ring.lost == 0)
    }

    @Test func whatFindsNoRoomIsCounted() {
        let ring = DecisionRing(labels: 1)
        for index in 0..<1500 { ring.append(.zero, [Double(index)]) }
        #expect(ring.lost == 1500 - 1024)
        #expect(drained(ring).map { $0[1] } == (0..<1024).map(Double.init), "the newest are lost")
        ring.append(.zero, [7])
        #expect(drained(ring) == [[0, 7]])
    }

    @Test func twoThreadsMixNothingUp() throws {
        let ring = DecisionRing(labels: 3)
        let count = 200_000
        let isDone = Atomic(false)
        let producer = NamedThread.start("producer") {
            for index in 0..<count { ring.append(.seconds(index), [Double(index), Double(index), Double(index)]) }
            isDone.store(true, ordering: .releasing)
        }
        var (taken, last) = (0, -1.0)
        while true {
            let isOver = isDone.load(ordering: .acquiring)
            ring.drain { time, scores in
                #expect(scores.allSatisfy { $0 == Double(time.components.seconds) } && scores[0] > last)
                (taken, last) = (taken + 1, scores[0])
            }
            if isOver { break }
        }
        try producer.get().join()
        #expect(taken + ring.lost == count)
    }
}
