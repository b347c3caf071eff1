/// Maps incoming presentation times to a time line that only advances, for the sampling grid.
///
/// It unwraps clocks of few bits (33 in MPEG-TS, 32 in RTP), rejects pictures that repeat a time or step back a little,
/// and continues after a jump. A gap in a file is real and is kept. In a live stream, a gap longer than `longestGap`, or one in
/// which no time passed, means a new clock. Pure: no I/O and no clock of its own. All times are in seconds.
package struct PTSTimeline: Sendable, Equatable {
    package enum Placement: Equatable {
        /// The picture's place on the time line.
        case placed(Double)
        /// The picture's place after a jump, from which the time line continues.
        case discontinuity(Double)
        /// The picture is not later than the one before: leave it out.
        case outOfOrder
    }

    /// The largest forward leap that counts as a gap on the same clock of a live stream.
    package static let longestGap = 10.0
    /// A live stream's clock that leaps by so much more than the time that its picture took to arrive was set.
    package static let longestLead = 2.5
    /// If pictures arrive for this long without the clock advancing, the clock is stuck.
    package static let longestDisorder = 1.0

    /// The period of the source's clock in seconds; nil for a clock that does not wrap.
    package let wrapPeriod: Double?
    package let isLive: Bool
    /// A step back shorter than this is disorder, not a new clock.
    package let tolerance: Double

    private var offset = 0.0
    private var last: Double?
    private var lastArrival = 0.0

    package init(wrapPeriod: Double?, isLive: Bool, interval: Double) {
        self.wrapPeriod = wrapPeriod
        self.isLive = isLive
        tolerance = min(interval, 1)
    }

    /// Places a picture on the time line.
    ///
    /// - Parameters:
    ///   - time: the picture's presentation time, as the container gives it.
    ///   - duration: how long the picture is shown.
    ///   - arrival: when the picture's packet arrived, on the monotonic clock.
    package mutating func place(_ time: Double, duration: Double, arrival: Double) -> Placement {
        guard let last else {
            accept(time, arrival)
            return .placed(time)
        }
        let position = self.position(of: time)
        let step = position - last
        let waited = arrival - lastArrival
        if step > 0, !isLive || step <= min(Self.longestGap, waited + Self.longestLead) {
            offset = position - time
            accept(position, arrival)
            return .placed(position)
        }
        if step <= 0, step > -tolerance, !isLive || waited < Self.longestDisorder { return .outOfOrder }
        // The true length of the jump is unknown. For a live stream, the arrival time is the best estimate.
        let resumed = last + max(duration, isLive ? waited : 0)
        offset = resumed - time
        accept(resumed, arrival)
        return .discontinuity(resumed)
    }

    /// Continues the time line from a position that was found otherwise.
    ///
    /// - Parameters:
    ///   - position: where the last picture was placed.
    ///   - time: that picture's presentation time.
    ///   - arrival: when it arrived.
    package mutating func resume(at position: Double, time: Double, arrival: Double) {
        offset = position - time
        accept(position, arrival)
    }

    /// The position of a packet or picture with this time, relative to the last one placed.
    package func position(of time: Double) -> Double {
        let position = time + offset
        guard let wrapPeriod, let last else { return position }
        let wraps = ((position - last) / wrapPeriod).rounded()
        let unwrapped = position - wraps * wrapPeriod
        return abs(unwrapped - last) <= Self.longestGap ? unwrapped : position
    }

    private mutating func accept(_ position: Double, _ arrival: Double) {
        last = position
        lastArrival = arrival
    }
}
