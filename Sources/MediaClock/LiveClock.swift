/// Places the pictures of a source on a time line that only advances. Pure; all times are in seconds.
///
/// A file's own time stamps are its only clock. A live source's stamps are checked against the arrival of its pictures:
/// while they keep pace they are the better clock, because they are free of the network's jitter.
package struct LiveClock: Sendable, Equatable {
    /// The clock in use.
    package private(set) var basis: SourceClock
    /// Why pictures go by their arrival although `auto` was asked for; nil while they go by the source's clock.
    package private(set) var reason: String?
    private let choice: SourceClock
    private let isLive: Bool
    private let carriesTime: Bool
    private var timeline: PTSTimeline
    private var check = PaceCheck()
    /// The stamp of the packet that arrived last.
    private var lastTime: Double?
    private var last: (position: Double, time: Double, arrival: Double)?
    /// The smallest delay between the time line and the arrival, for `shown`.
    private var delay = Double.infinity
    private var lastShown = -Double.infinity

    /// - Parameters:
    ///   - choice: the clock that the stream asks for. Files always go by their own.
    ///   - carriesTime: whether the format has time stamps. If it has none, libav invents 25 pictures a second.
    ///   - wrapPeriod: the period of the source's clock; nil for a clock that does not wrap.
    ///   - interval: seconds between two ticks of the sampling grid.
    package init(_ choice: SourceClock, isLive: Bool, carriesTime: Bool, wrapPeriod: Double?, interval: Double) {
        self.choice = choice
        self.isLive = isLive
        self.carriesTime = carriesTime
        timeline = PTSTimeline(wrapPeriod: wrapPeriod, isLive: isLive, interval: interval)
        basis = isLive && (choice == .arrival || choice == .auto && !carriesTime) ? .arrival : .source
        if isLive, choice == .auto, !carriesTime { reason = "the format has no time stamps" }
    }

    package static func == (left: LiveClock, right: LiveClock) -> Bool {
        left.basis == right.basis && left.timeline == right.timeline && left.check == right.check
    }

    /// Places a picture.
    ///
    /// - Parameters:
    ///   - time: the picture's presentation time, as the container gives it.
    ///   - duration: how long the picture is shown.
    ///   - arrival: when its packet arrived, on the monotonic clock.
    package mutating func place(_ time: Double, duration: Double, arrival: Double) -> PTSTimeline.Placement {
        let placement =
            basis == .arrival ? placeByArrival(arrival) : timeline.place(time, duration: duration, arrival: arrival)
        switch placement {
        case .placed(let position):
            last = (position, time, arrival)
            // It may grow by a hundredth, so that a clock that is a little fast does not leave it behind.
            let grown = delay.isFinite ? delay + 0.01 * duration : .infinity
            delay = min(grown, arrival - position)
        case .discontinuity(let position):
            last = (position, time, arrival)
            delay = arrival - position
        case .outOfOrder:
            break
        }
        return placement
    }

    /// When a picture at this position was taken, as well as its arrival tells, on the clock of the arrival. It never
    /// goes back.
    ///
    /// In a burst the later pictures have waited less for their transport. So the smallest delay seen is the best estimate of
    /// the source's own.
    package mutating func shown(at position: Double) -> Double {
        lastShown = max(lastShown, delay.isFinite ? position + delay : position)
        return lastShown
    }

    /// The position of a packet with this time, relative to the last picture placed; nil while pictures go by their
    /// arrival.
    package func position(of time: Double) -> Double? { basis == .source ? timeline.position(of: time) : nil }

    /// Compares a packet's stamp with its arrival. To be called as soon as it has arrived, before it waits for its turn.
    ///
    /// - Parameters:
    ///   - time: the packet's decoding or presentation time.
    ///   - arrival: when it arrived, on the monotonic clock.
    /// - Returns: whether another clock is in use from here on.
    package mutating func observe(_ time: Double, arrival: Double) -> Bool {
        guard isLive, choice == .auto, carriesTime else { return false }
        let before = basis
        if let lastTime, abs(time - lastTime) > PTSTimeline.longestGap { check.reset() }
        lastTime = time
        switch (check.take(time: time, arrival: arrival), basis) {
        case (.differs(let pace), .source):
            basis = .arrival
            reason = "its time stamps run at \((pace * 10).rounded() / 10) times the pace of its pictures"
            check.reset()
        case (.coarse, .source):
            basis = .arrival
            reason = "its time stamps do not advance with each picture"
            check.reset()
        case (.agrees, .arrival):
            basis = .source
            reason = nil
            if let last { timeline.resume(at: last.position, time: last.time, arrival: last.arrival) }
        default:
            break
        }
        return basis != before
    }

    private mutating func placeByArrival(_ arrival: Double) -> PTSTimeline.Placement {
        guard let last else { return .placed(arrival) }
        let position = last.position + arrival - last.arrival
        // Two pictures that one packet brought have no time between them.
        return position > last.position ? .placed(position) : .outOfOrder
    }
}
