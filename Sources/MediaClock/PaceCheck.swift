internal import DequeModule

/// Compares the pace of a live source's time stamps with the pace at which its pictures arrive. Pure; all times are in
/// seconds.
///
/// Cameras exist whose stamps run ten times too fast or too slow, count milliseconds in a clock of 90 kHz, or advance by
/// whole seconds. A sound source that sends in bursts arrives at another pace for a while, too. Two checks tell them
/// apart:
/// - In a stretch without a gap, both halves have the same wrong pace. Stamps that run ahead do so by more, or for longer,
///   than what a server sends at once: an HLS stream begins with three segments, as fast as the link carries them.
/// - Over a longer time, the smallest delay of each block of pictures drifts. The last picture of a burst has the smallest
///   delay, which is the same in each burst.
package struct PaceCheck: Sendable, Equatable {
    package enum Verdict: Sendable, Equatable {
        /// Not enough has been seen.
        case open
        case agrees
        /// The stamps do not keep time: they run at this multiple of the pace of arrival.
        case differs(pace: Double)
        /// Too many pictures bear a stamp that does not advance.
        case coarse
    }

    /// The stretch that is looked at, and the least of it that is judged.
    private static let stretch = 6.0
    private static let leastStretch = 2.0
    /// The difference between stamps and arrival that matters in a stretch.
    private static let allowance = 1.5
    /// Stamps that run ahead by less than the lead, for less than the time, may be what a server had kept.
    private static let longestBurst = (lead: 20.0, time: 5.0)
    private static let paces = 0.8...1.25
    /// The length of a block, the drift of its smallest delay that matters, and the drift that is followed.
    private static let block = 5.0
    private static let longAllowance = 3.0
    /// The least change from one block to the next that is a drift: after a burst in the beginning there is none.
    private static let drift = 0.5
    private static let followed = 0.01
    /// So many blocks in a row with a steady smallest delay show that the stamps keep time.
    private static let proof = 4
    private static let steady = 0.3

    private struct Sample: Equatable {
        var time: Double
        var arrival: Double
        var isRepeat: Bool
    }

    private struct Block: Equatable {
        var end: Double
        var delay: Double
    }

    private var samples: Deque<Sample> = []
    private var current: Block?
    /// The smallest delay of the last block.
    private var lastDelay: Double?
    /// The delay that the blocks are held against. It follows slowly: two sound clocks differ a little.
    private var base: Double?
    private var outliers = 0
    private var steadyBlocks = 0

    /// Takes the next picture, in the order of decoding.
    ///
    /// - Parameters:
    ///   - time: the picture's stamp.
    ///   - arrival: when it arrived.
    package mutating func take(time: Double, arrival: Double) -> Verdict {
        let isRepeat = samples.suffix(8).contains { abs($0.time - time) < 1e-6 }
        let mean = meanGap
        if let last = samples.last, arrival - last.arrival > max(1, 4 * mean), samples.count > 2 {
            samples.removeAll(keepingCapacity: true)
        }
        samples.append(Sample(time: time, arrival: arrival, isRepeat: isRepeat))
        let span = max(Self.stretch, 4 * mean)
        while samples.count > 3, arrival - samples[0].arrival > span { samples.removeFirst() }
        let long = takeBlock(delay: arrival - time, arrival: arrival)
        let short = judgeStretch()
        return short == .open ? long : short
    }

    /// Forgets everything: the source's clock was set, or it is another connection.
    package mutating func reset() { self = PaceCheck() }

    /// The mean time between two arrivals of the stretch.
    private var meanGap: Double {
        guard samples.count > 2, let first = samples.first, let last = samples.last else { return 0 }
        return (last.arrival - first.arrival) / Double(samples.count - 1)
    }

    private func judgeStretch() -> Verdict {
        guard samples.count > 3, let first = samples.first, let last = samples.last else { return .open }
        let arrived = last.arrival - first.arrival
        guard arrived >= Self.leastStretch else { return .open }
        if samples.count(where: \.isRepeat) * 3 >= samples.count { return .coarse }
        let half = first.arrival + arrived / 2
        let middle = samples.min { abs($0.arrival - half) < abs($1.arrival - half) } ?? first
        guard middle.arrival > first.arrival, last.arrival > middle.arrival else { return .open }
        let paces = [
            (middle.time - first.time) / (middle.arrival - first.arrival),
            (last.time - middle.time) / (last.arrival - middle.arrival),
        ]
        let lead = last.time - first.time - arrived
        let isBurst = lead < Self.longestBurst.lead && arrived < Self.longestBurst.time
        let isFast = lead > Self.allowance && !isBurst && paces.allSatisfy { $0 > Self.paces.upperBound }
        let isSlow = lead < -Self.allowance && paces.allSatisfy { $0 < Self.paces.lowerBound }
        return isFast || isSlow ? .differs(pace: (last.time - first.time) / arrived) : .open
    }

    private mutating func takeBlock(delay: Double, arrival: Double) -> Verdict {
        guard let block = current, arrival >= block.end else {
            current = Block(end: current?.end ?? arrival + Self.block, delay: min(current?.delay ?? delay, delay))
            return .open
        }
        current = Block(end: arrival + Self.block, delay: delay)
        defer { lastDelay = block.delay }
        guard let base, let lastDelay else {
            self.base = base ?? block.delay
            return .open
        }
        steadyBlocks = abs(block.delay - lastDelay) < Self.steady ? steadyBlocks + 1 : 0
        if abs(block.delay - base) > Self.longAllowance {
            outliers += 1
            // One block may lack the end of its burst.
            if outliers >= 2 {
                self.base = block.delay
                outliers = 0
                guard abs(block.delay - lastDelay) > Self.drift else { return .open }
                return .differs(pace: max(0, 1 - (block.delay - lastDelay) / Self.block))
            }
        } else {
            outliers = 0
            let limit = Self.followed * Self.block
            self.base = base + min(max(block.delay - base, -limit), limit)
        }
        return steadyBlocks >= Self.proof ? .agrees : .open
    }
}
