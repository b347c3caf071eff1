import Testing

@testable import Frames

@Suite struct SampleGridTests {
    /// The ticks of each frame, found by comparing all frames: the nearest wins, the earlier one in a tie.
    private func nearest(_ times: [Double], interval: Double, lastDuration: Double) -> [[Int]] {
        var chosen = times.map { _ in [Int]() }
        guard let first = times.first, let last = times.last else { return chosen }
        var tick = 0
        while true {
            let time = first + Double(tick) * interval
            if time > last + lastDuration / 2 { return chosen }
            let best = times.indices.min { abs(times[$0] - time) < abs(times[$1] - time) } ?? 0
            chosen[best].append(tick)
            tick += 1
        }
    }

    private func sampled(_ times: [Double], interval: Double, lastDuration: Double) -> [[Int]] {
        var grid = SampleGrid(interval: interval)
        var chosen: [[Int]] = []
        for (index, time) in times.enumerated() {
            let ticks = grid.advance(to: time)
            if index > 0 { chosen.append(Array(ticks)) } else { #expect(ticks.isEmpty) }
        }
        chosen.append(Array(grid.finish(lastDuration: lastDuration)))
        return chosen
    }

    @Test func eachTickGetsItsNearestFrame() {
        var state: UInt64 = 1
        func random() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 53)
        }
        for interval in [0.04, 0.1, 0.3125, 0.625, 1.25] {
            var time = 5 * random()
            // The stream contains even, jittered, sparse and bursting frames.
            let times = (0..<400).map { _ -> Double in
                time += random() < 0.05 ? 2 * random() : 0.01 + 0.05 * random()
                return time
            }
            #expect(
                sampled(times, interval: interval, lastDuration: 0.04)
                    == nearest(times, interval: interval, lastDuration: 0.04)
            )
        }
    }

    @Test func frameOfASlowSourceGetsSeveralTicks() {
        #expect(sampled([0, 1, 2], interval: 0.25, lastDuration: 1) == [[0, 1, 2], [3, 4, 5, 6], [7, 8, 9, 10]])
    }

    @Test func distanceIsToTheNearestFreeTick() {
        var grid = SampleGrid(interval: 1)
        #expect(grid.distanceToTick(from: 3) == 0)
        _ = grid.advance(to: 10)
        _ = grid.advance(to: 10.9)
        #expect(abs(grid.distanceToTick(from: 10.95) - 0.05) < 1e-9)
        #expect(abs(grid.distanceToTick(from: 10.2) - 0.8) < 1e-9)
        #expect(abs(grid.distanceToTick(from: 13.4) - 0.4) < 1e-9)
    }
}
