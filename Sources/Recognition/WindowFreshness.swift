/// What has changed in a window since it was scored and swept last, and when it is to be computed exactly after a cut. Pure.
struct WindowFreshness: Sendable, Equatable {
    /// T, the positions of the window.
    private let capacity: Int
    /// The window differs from the one that was scored last.
    private(set) var isStale = true
    /// The weights of the window's frames have changed since the last sweep.
    private(set) var isUnswept = false
    /// Up to T: from then on the whole window shows one scene, and new weights change nothing.
    private var ticksSinceChange = 0
    /// After a cut: the tick from which the whole window shows the new scene, and is computed exactly once.
    private var refreshTick: Int?

    init(capacity: Int) { self.capacity = capacity }

    /// A frame was encoded for these ticks.
    ///
    /// - Parameters:
    ///   - changed: the picture differs from the last encoded one; false if it was encoded because it was due.
    ///   - isCut: the picture shows another scene.
    mutating func encoded(_ ticks: Range<Int>, changed: Bool, isCut: Bool) {
        if isCut { refreshTick = ticks.lowerBound + capacity }
        (isStale, isUnswept) = (true, false)
        if changed { ticksSinceChange = 0 }
        pass(ticks.count)
    }

    /// The newest frame stands for `ticks` more positions.
    ///
    /// - Parameter isOneFrame: the full window holds one frame only, so that it stays as it is.
    mutating func held(_ ticks: Int, isOneFrame: Bool) {
        guard ticks > 0 else { return }
        if !isOneFrame {
            isStale = true
            isUnswept = isUnswept || ticksSinceChange < capacity
        }
        pass(ticks)
    }

    private mutating func pass(_ ticks: Int) {
        ticksSinceChange = min(ticksSinceChange + min(ticks, capacity), capacity)
    }

    /// Whether the window is to be computed exactly, because of a cut, at the decision before `nextTick`. Asking takes the
    /// request.
    mutating func takeRefresh(before nextTick: Int) -> Bool {
        guard let tick = refreshTick, nextTick >= tick else { return false }
        refreshTick = nil
        return true
    }

    mutating func swept() { isUnswept = false }
    mutating func scored() { isStale = false }
    mutating func clear() { self = WindowFreshness(capacity: capacity) }
}
