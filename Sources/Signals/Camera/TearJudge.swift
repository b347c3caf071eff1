import Frames

/// Finds damage by edges on the codec's grid that the stream usually does not have, in two of its last views.
/// Pure.
struct TearJudge {
    /// By how much the share of `BlockEdges` exceeds the usual one at a score of 1.
    private static let full: Float = 8
    /// How far the usual share rises and falls in a view. A source of few samples that was magnified always has such edges.
    private static let rise: Float = 0.05
    private static let fall: Float = 0.5
    /// Edges whose share stays within a tenth, or within one thousandth, for so many seconds belong to what is shown: a
    /// mosaic of cameras, a test picture.
    private static let standing = 4.0
    private static let sameShare: Float = 0.1
    private static let same: Float = 1
    private static let views = 10
    /// Of a camera of one picture a second, two views must do.
    private static let longest = 3.0

    private var usual: Float?
    private var level: Float = 0
    private var levelSince = 0.0
    private var recent = Array(repeating: (time: -Double.infinity, excess: Float(0)), count: views)
    private var next = 0

    /// What was usual is another picture's.
    mutating func begin() {
        usual = nil
        for index in recent.indices { recent[index] = (-.infinity, 0) }
    }

    /// - Parameter share: of `BlockEdges`.
    mutating func judge(_ share: Float, at time: Double, _ measures: inout CameraMeasures) {
        let before = usual ?? share
        recent[next] = (time, share - before)
        next = (next + 1) % Self.views
        usual = share > before ? min(share, before + Self.rise) : max(share, before - Self.fall)
        if abs(share - level) > max(Self.same, Self.sameShare * level) { (level, levelSince) = (share, time) }
        if time - levelSince >= Self.standing { usual = share }
        var (highest, second): (Float, Float) = (0, 0)
        for view in recent where time - view.time <= Self.longest {
            second = max(second, min(highest, view.excess))
            highest = max(highest, view.excess)
        }
        measures[.torn] = min(1, second / Self.full)
    }
}
