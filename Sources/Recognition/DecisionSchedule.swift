/// When a stream's next decision is due, counted in ticks of its sampling grid. Pure.
struct DecisionSchedule: Sendable, Equatable {
    /// A decision is due every this many ticks.
    let hop: Int
    /// T, the positions of a window.
    private let capacity: Int
    /// The tick after the last picture's; nil before the first picture.
    private(set) var nextTick: Int?
    private var ticksSinceDecision: Int

    init(hop: Int, capacity: Int) {
        self.hop = hop
        self.capacity = capacity
        ticksSinceDecision = hop
    }

    var isDue: Bool { ticksSinceDecision >= hop }

    /// A picture stands for these ticks.
    ///
    /// - Returns: the ticks before it for which no picture came.
    mutating func take(_ ticks: Range<Int>) -> Int {
        let missed = nextTick.map { max(0, ticks.lowerBound - $0) } ?? 0
        nextTick = ticks.upperBound
        // Counted up to the hop only: a gap may be as long as it likes.
        ticksSinceDecision = min(hop, ticksSinceDecision + min(missed, capacity) + ticks.count)
        return missed
    }

    mutating func decided() { ticksSinceDecision = 0 }

    /// The pictures that follow have nothing to do with those before.
    mutating func clear() { self = DecisionSchedule(hop: hop, capacity: capacity) }
}
