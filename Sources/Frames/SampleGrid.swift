/// Chooses frames by presentation time alone: each tick of an even grid gets the frame nearest to it.
///
/// Tick 0 is the time of the first frame. Frames must arrive in presentation order. A frame's ticks are known when the
/// next frame arrives, so the caller holds one decoded frame. In a fast source a frame may be nearest to no tick, in a
/// slow one to several. The grid is never compressed.
package struct SampleGrid: Sendable, Equatable {
    /// Seconds between two ticks.
    package let interval: Double
    private var origin: Double?
    private var lastTime = 0.0
    private var nextTick = 0

    package init(interval: Double) {
        precondition(interval > 0, "a sampling grid needs a positive interval")
        self.interval = interval
    }

    /// Takes the time of the next frame.
    ///
    /// - Parameter time: when the frame is shown, in seconds.
    /// - Returns: the ticks nearest to the previous frame; empty if there are none. A tick halfway between two frames
    ///   belongs to the earlier one.
    package mutating func advance(to time: Double) -> Range<Int> {
        guard let origin else {
            self.origin = time
            lastTime = time
            return 0..<0
        }
        let chosen = claim(until: (lastTime + time) / 2 - origin)
        lastTime = time
        return chosen
    }

    /// Ends the stream.
    ///
    /// - Parameter duration: how long the last frame is shown, in seconds.
    /// - Returns: the ticks nearest to the last frame; empty if there are none.
    package mutating func finish(lastDuration duration: Double) -> Range<Int> {
        guard let origin else { return 0..<0 }
        return claim(until: lastTime + duration / 2 - origin)
    }

    /// The time of a tick in seconds on the stream's clock; nil before the first frame.
    package func time(ofTick tick: Int) -> Double? {
        origin.map { $0 + Double(tick) * interval }
    }

    /// The distance from `time` to the nearest free tick, in seconds; 0 before the first frame. It decides whether a
    /// frame must be decoded.
    package func distanceToTick(from time: Double) -> Double {
        guard let origin else { return 0 }
        let position = max((time - origin) / interval, Double(nextTick))
        return abs(origin + position.rounded() * interval - time)
    }

    private mutating func claim(until limit: Double) -> Range<Int> {
        let first = nextTick
        let last = (limit / interval).rounded(.down)
        if last.isFinite, last >= Double(first), last < 1e15 {
            nextTick = Int(last) + 1
        }
        return first..<nextTick
    }
}
