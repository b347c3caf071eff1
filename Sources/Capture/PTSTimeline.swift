/// Turns presentation times as they come into a time line that only goes forward, for the sampling grid.
///
/// It undoes the wrap of a clock of few bits (33 in MPEG-TS, 32 in RTP), leaves out pictures that repeat the time or
/// step back a little, and carries on after a jump. A gap in a file is real and kept; in a live stream a gap of more
/// than `longestGap` is a new clock. Pure: no I/O, no clock of its own. All times are in seconds.
struct PTSTimeline: Sendable, Equatable {
    enum Placement: Equatable {
        /// The picture's place on the time line.
        case placed(Double)
        /// The same, after a jump: the time line was carried on.
        case discontinuity(Double)
        /// Not after the picture before: leave it out.
        case outOfOrder
    }

    /// A live stream's clock may leap this far ahead and still be believed.
    static let longestGap = 10.0
    /// A clock that does not advance for this long, while pictures come, has stuck.
    static let longestDisorder = 1.0

    /// After how many seconds the source's clock starts anew; nil for a clock that does not wrap.
    let wrapPeriod: Double?
    let isLive: Bool
    /// Steps back of less than this are disorder, not a new clock.
    let tolerance: Double

    private var offset = 0.0
    private var last: Double?
    private var lastArrival = 0.0

    init(wrapPeriod: Double?, isLive: Bool, interval: Double) {
        self.wrapPeriod = wrapPeriod
        self.isLive = isLive
        tolerance = min(interval, 1)
    }

    /// Places a picture shown at `time` for `duration`, which was decoded at `arrival` on the monotonic clock.
    mutating func place(_ time: Double, duration: Double, arrival: Double) -> Placement {
        guard let last else {
            accept(time, arrival)
            return .placed(time)
        }
        let position = self.position(of: time)
        let step = position - last
        let waited = arrival - lastArrival
        if step > 0, !isLive || step <= Self.longestGap {
            offset = position - time
            accept(position, arrival)
            return .placed(position)
        }
        if step <= 0, step > -tolerance, !isLive || waited < Self.longestDisorder { return .outOfOrder }
        // How long the jump really took is unknown; of a live stream the time of arrival tells best.
        let resumed = last + max(duration, isLive ? waited : 0)
        offset = resumed - time
        accept(resumed, arrival)
        return .discontinuity(resumed)
    }

    /// Where a packet or picture of this time would lie, seen from the last one placed.
    func position(of time: Double) -> Double {
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
