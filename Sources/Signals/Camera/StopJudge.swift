import Frames

/// Tells a picture that stops all at once by cells that are exactly as in the view before, in a stream where they usually
/// are not. Pure.
struct StopJudge {
    /// 64ths of a level up to which a cell is the same.
    private static let same: Int32 = 6
    /// The share of cells that a repeated picture has the same. A still scene seldom has so many: the codec codes its noise
    /// anew here and there.
    private static let repeated: Float = 0.99
    private static let time = 1.45
    /// A stream that repeats itself more often than this cannot be seen to stop.
    private static let lively: Float = 0.25
    private static let enough = 20
    private static let capacity = 24

    private var previous = Array(repeating: Int32(0), count: ViewGrid.cells)
    private var hasView = false
    private var repeats = Array(repeating: (time: 0.0, isRepeat: false), count: capacity)
    private var head = 0
    private var count = 0
    /// How often the stream repeats itself, and of how many views that is known.
    private var stillness: Float = 0
    private var known = 0
    private var hasStopped = false

    /// - Parameters:
    ///   - isPlain: the view is neither hidden nor blank, where nothing could change.
    ///   - isOther: the camera shows something else than before. What was lively may be seen no more.
    mutating func judge(
        _ cells: [Int32],
        at time: Double,
        isPlain: Bool,
        isOther: Bool,
        _ measures: inout CameraMeasures
    ) {
        var same = 0
        for index in 0..<ViewGrid.cells {
            if abs(cells[index] - previous[index]) <= Self.same { same += 1 }
            previous[index] = cells[index]
        }
        defer { hasView = true }
        guard hasView else { return }
        let share = Float(same) / Float(ViewGrid.cells)
        let isRepeat = share >= Self.repeated
        add(isRepeat, at: time)
        let (recent, repeated) = recent(at: time)
        if !isPlain || isOther { (hasStopped, known) = (false, 0) }
        guard isPlain else { return }
        let stands = recent >= 3 && 10 * repeated >= 7 * recent && isRepeat
        if hasStopped || stands && known >= Self.enough && stillness < Self.lively {
            // A key frame is coded anew and differs a little.
            hasStopped = 2 * repeated > recent
            if hasStopped { measures[.stopped] = 1 }
        } else {
            known += 1
            let target: Float = isRepeat ? 1 : 0
            stillness += (target - stillness) * max(stands ? 0.02 : 0.01, 1 / Float(known))
        }
    }

    private mutating func add(_ isRepeat: Bool, at time: Double) {
        head = (head + 1) % Self.capacity
        count = min(count + 1, Self.capacity)
        repeats[head] = (time, isRepeat)
    }

    private func recent(at time: Double) -> (all: Int, repeated: Int) {
        var (all, repeated) = (0, 0)
        for age in 0..<count {
            let entry = repeats[(head + Self.capacity - age) % Self.capacity]
            guard time - entry.time < Self.time else { break }
            all += 1
            if entry.isRepeat { repeated += 1 }
        }
        return (all, repeated)
    }
}
