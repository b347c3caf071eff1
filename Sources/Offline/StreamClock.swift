import Frames

/// Stream time: seconds of presentation time since a stream's first picture.
///
/// The sampling grid never jumps. Where the container's time stamps do, away from their picture's place on the grid, the
/// clock goes on from the grid's time.
struct StreamClock {
    private let interval: Double
    private var origin: Double?

    /// `interval`: seconds between two ticks of the grid.
    init(interval: Double) { self.interval = interval }

    mutating func time(of frame: SampledFrame) -> Double {
        let gridTime = Double(frame.ticks.lowerBound) * interval
        let span = Double(frame.ticks.count) * interval
        let origin = origin ?? frame.time - gridTime
        self.origin = origin
        let time = frame.time - origin
        // A picture lies within a tick of those it stands for.
        if time > gridTime - 2 * interval && time < gridTime + span + 2 * interval { return time }
        self.origin = frame.time - gridTime
        return gridTime
    }
}
