import Frames
import Testing

@testable import MediaClock

/// A camera's pictures: when each arrives, and the stamp it bears.
private struct Camera {
    var rate = 10.0
    /// The pace of the stamps.
    var pace = 1.0
    /// The length of a burst; 0 sends each picture when it is taken.
    var burst = 0.0
    var stamp: (Double) -> Double = { $0 }

    func pictures(seconds: Double) -> [(time: Double, arrival: Double)] {
        (0..<Int(seconds * rate)).map { number in
            let taken = Double(number) / rate
            // A burst is sent when its last picture has been taken.
            let sent = burst > 0 ? (taken / burst).rounded(.down) * burst + burst : taken
            return (stamp(taken * pace), 100 + sent + Double(number % 10) * 1e-5)
        }
    }
}

@Suite struct LiveClockTests {
    /// Where the pictures are placed, relative to the first.
    private func positions(_ camera: Camera, seconds: Double, carriesTime: Bool = true) -> (LiveClock, [Double]) {
        var clock = LiveClock(.auto, isLive: true, carriesTime: carriesTime, wrapPeriod: nil, interval: 0.5)
        var positions: [Double] = []
        for (time, arrival) in camera.pictures(seconds: seconds) {
            _ = clock.observe(time, arrival: arrival)
            if let position = clock.position(afterPlacing: time, arrival: arrival) { positions.append(position) }
        }
        return (clock, positions.map { $0 - (positions.first ?? 0) })
    }

    /// The pictures that are sampled, as `Capture` hands them out: each is seen as soon as it arrives, and waits for its turn.
    private func sampled(_ camera: Camera, seconds: Double) -> (clock: LiveClock, count: Int) {
        var clock = LiveClock(.auto, isLive: true, carriesTime: true, wrapPeriod: nil, interval: 0.5)
        var grid = SampleGrid(interval: 0.625)
        var pacer = BurstPacer(interval: 0.625)
        var waiting: [(time: Double, arrival: Double)] = []
        var (turn, count) = (0.0, 0)
        for picture in camera.pictures(seconds: seconds) {
            // A change of the clock ends the wait.
            if clock.observe(picture.time, arrival: picture.arrival) { turn = 0 }
            waiting.append(picture)
            while turn <= picture.arrival, !waiting.isEmpty {
                let next = waiting.removeFirst()
                guard let position = clock.position(afterPlacing: next.time, arrival: next.arrival) else { continue }
                let ticks = grid.advance(to: position)
                guard !ticks.isEmpty else { continue }
                count += 1
                turn = pacer.due(ticks: ticks.count, arrival: next.arrival, now: max(turn, next.arrival))
                pacer.handedOut(at: max(turn, picture.arrival))
            }
        }
        return (clock, count)
    }

    /// The sampled pictures of a minute are as many as those of a clock that is right.
    @Test(arguments: [1.0, 2, 3, 5, 12, 25], [0.1, 0.5, 2, 7, 10.5, 11])
    func stampsOfAnotherPaceGiveWayToArrival(rate: Double, pace: Double) {
        let truth = sampled(Camera(rate: rate), seconds: 57).count
        let (clock, count) = sampled(Camera(rate: rate, pace: pace), seconds: 57)
        #expect(abs(Double(count - truth)) <= 0.1 * Double(truth), "\(count) of \(truth)")
        // Steps of over ten seconds are taken for jumps, whose length is that of the arrival too.
        #expect(clock.basis == .arrival || pace / rate > PTSTimeline.longestGap)
    }

    /// The pace of sound clocks: exact, a little off, in bursts, with a group of pictures at once in the beginning.
    @Test(arguments: [1.0, 2, 5, 12, 25, 60], [0.0, 2, 6, 10])
    func soundStampsAreKept(rate: Double, burst: Double) {
        let (clock, positions) = positions(Camera(rate: rate, pace: 1.0005, burst: burst), seconds: 300)
        #expect(clock.basis == .source)
        for (number, position) in positions.enumerated() {
            #expect(abs(position - Double(number) / rate * 1.0005) < 1e-6)
        }
    }

    /// What a server had kept comes in the beginning, as fast as the link carries it: within three seconds here.
    @Test(arguments: [5.0, 10, 18], [8.0, 20, 1000])
    func theGroupThatAServerKeepsIsNoFastClock(kept: Double, linkPace: Double) {
        var clock = LiveClock(.auto, isLive: true, carriesTime: true, wrapPeriod: nil, interval: 0.5)
        for (time, arrival) in Camera(rate: 25).pictures(seconds: 90) {
            _ = clock.observe(time, arrival: max(arrival - kept, 100 + time / linkPace))
            guard clock.basis == .source else {
                Issue.record("arrival after \(time) s")
                return
            }
        }
    }

    @Test func wholeSecondsAreTooCoarse() {
        let (clock, positions) = positions(Camera(rate: 10, stamp: { $0.rounded(.down) }), seconds: 57)
        #expect(clock.basis == .arrival)
        #expect(abs((positions.last ?? 0) - 56.9) < 2)
        #expect(positions.count > 530)
    }

    /// B-frames: their stamps step back, but none comes twice.
    @Test func reorderedStampsAreNotCoarse() {
        var clock = LiveClock(.auto, isLive: true, carriesTime: true, wrapPeriod: nil, interval: 0.5)
        for group in 0..<200 {
            for (place, number) in [0, 3, 1, 2].enumerated() {
                let arrival = 100 + Double(group * 4 + place) / 25
                _ = clock.observe(Double(group * 4 + number) / 25, arrival: arrival)
                #expect(clock.basis == .source)
            }
        }
    }

    @Test func aFormatWithoutTimeGoesByArrivalFromTheStart() {
        var camera = Camera(rate: 2)
        // What libav invents.
        camera.pace = 2.0 / 25
        let (clock, positions) = positions(camera, seconds: 57, carriesTime: false)
        #expect(clock.basis == .arrival)
        for (number, position) in positions.enumerated() { #expect(abs(position - Double(number) / 2) < 0.01) }
    }

    @Test func aClockThatIsRightAgainIsTakenAgain() {
        var clock = LiveClock(.auto, isLive: true, carriesTime: true, wrapPeriod: nil, interval: 0.5)
        for (time, arrival) in Camera(rate: 10, pace: 3).pictures(seconds: 20) {
            _ = clock.observe(time, arrival: arrival)
        }
        #expect(clock.basis == .arrival)
        for (time, arrival) in Camera(rate: 10).pictures(seconds: 60) {
            _ = clock.observe(60 + time, arrival: 20 + arrival)
            _ = clock.place(60 + time, duration: 0.1, arrival: 20 + arrival)
        }
        #expect(clock.basis == .source)
    }

    @Test(arguments: [SourceClock.source, .arrival])
    func aChoiceIsObeyed(choice: SourceClock) {
        var clock = LiveClock(choice, isLive: true, carriesTime: true, wrapPeriod: nil, interval: 0.5)
        for (time, arrival) in Camera(rate: 10, pace: 7).pictures(seconds: 30) {
            _ = clock.observe(time, arrival: arrival)
        }
        #expect(clock.basis == choice)
        #expect(clock.reason == nil)
    }

    /// The pictures of a burst were taken one after the other, not when they arrived.
    @Test func theTimeOfAPictureInABurstIsItsOwn() {
        var clock = LiveClock(.auto, isLive: true, carriesTime: true, wrapPeriod: nil, interval: 0.5)
        var shown: [Double] = []
        for (time, arrival) in Camera(rate: 10, burst: 6).pictures(seconds: 60) {
            _ = clock.observe(time, arrival: arrival)
            if case .placed(let position) = clock.place(time, duration: 0.1, arrival: arrival) {
                shown.append(clock.shown(at: position))
            }
        }
        // From the second burst on: what remains is the 0.1 s from the last picture of a burst to its being sent.
        for (number, time) in shown.enumerated() where number >= 60 {
            #expect(abs(time - (100.1 + Double(number) / 10)) < 0.2)
        }
        #expect(zip(shown, shown.dropFirst()).allSatisfy { $0 <= $1 })
    }
}

@Suite struct BurstPacerTests {
    /// Sampled pictures of a source that sends a burst of this many seconds at once.
    @Test(arguments: [2.0, 6, 10])
    func aBurstIsPlayedBeforeTheNextComes(burst: Double) {
        let interval = 0.5
        var pacer = BurstPacer(interval: interval)
        var (now, handed) = (0.0, [Double]())
        for number in 0..<Int(10 * burst / interval) {
            let arrival = (Double(number) * interval / burst).rounded(.down) * burst
            now = max(now, arrival)
            now = max(now, pacer.due(ticks: 1, arrival: arrival, now: now))
            pacer.handedOut(at: now)
            handed.append(now)
            #expect(now - arrival < burst)
        }
        for (first, second) in zip(handed, handed.dropFirst()) { #expect(second - first >= interval / 2 - 1e-9) }
    }

    @Test func evenPicturesAreNotDelayed() {
        var pacer = BurstPacer(interval: 0.625)
        for number in 0..<100 {
            let now = Double(number) * 0.625
            #expect(pacer.due(ticks: 1, arrival: now, now: now) <= now)
            pacer.handedOut(at: now)
        }
    }
}

extension LiveClock {
    /// Nil if the picture is out of order.
    fileprivate mutating func position(afterPlacing time: Double, arrival: Double) -> Double? {
        switch place(time, duration: 0.04, arrival: arrival) {
        case .placed(let position), .discontinuity(let position): position
        case .outOfOrder: nil
        }
    }
}
