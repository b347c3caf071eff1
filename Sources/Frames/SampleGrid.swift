/// Chooses by presentation time alone: each tick of an even grid gets the frame nearest to it.
///
/// The grid's tick 0 is the first frame's time. Frames must come in presentation order; a frame's ticks are known when
/// the next one arrives, so the caller keeps one decoded frame in hand. A frame may be nearest to no tick (a fast
/// source) or to several (a slow one): the grid is never compressed.
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

    /// A frame shown at `time` seconds has come: the ticks that the frame before it is nearest to, empty for none.
    /// A tick half way between two frames belongs to the earlier one.
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

    /// The stream has ended; the last frame was shown for `duration` seconds more: the ticks it is nearest to.
    package mutating func finish(lastDuration duration: Double) -> Range<Int> {
        guard let origin else { return 0..<0 }
        return claim(until: lastTime + duration / 2 - origin)
    }

    /// Seconds on the stream's clock of a tick; nil before the first frame.
    package func time(ofTick tick: Int) -> Double? {
        origin.map { $0 + Double(tick) * interval }
    }

    /// How far `time` is from the nearest tick not yet given away, in seconds; 0 before the first frame. What decides
    /// whether a frame is worth decoding.
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
