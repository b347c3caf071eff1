import Foundation
import Frames

/// Tells a picture that stops all at once by how few of its cells change for two seconds, against the fewest that usually
/// do in this stream. A scene that hardly moves has its sensor's noise still. Pure.
struct StopJudge {
    /// 64ths of a level up to which a cell is the same.
    private static let same: Int32 = 6
    /// The share of cells that may change in a picture that stands: a clock, and what the codec mends.
    private static let standing: Float = 0.015
    /// How many times fewer cells change than usually do at least.
    private static let fewer: Float = 10
    /// The seconds that are looked at, and the share of their views that count: a key frame is coded anew and differs.
    private static let time = 1.95
    private static let most: Float = 0.8
    private static let capacity = 24
    /// The views after which a codec has settled on a new picture, and after which it is known how lively it is.
    private static let settling = 30
    private static let enough = 33
    /// How fast the usual number is learnt in a view, and the share of the time in which fewer cells change than that.
    private static let learning: Float = 0.05
    private static let usuallyFewer: Float = 0.05
    /// A stream that shows something else for this share of the time, over some 200 views, does so on its own: a belt, a
    /// crowd.
    private static let restless: Float = 0.2
    private static let restlessness: Float = 0.005

    private var previous = Array(repeating: Int32(0), count: ViewGrid.cells)
    private var hasView = false
    private var changes = Array(repeating: (time: 0.0, cells: Float(0)), count: capacity)
    private var head = 0
    private var count = 0
    private var recent = Array(repeating: Float(0), count: capacity)
    private var sorted = Array(repeating: Float(0), count: capacity)
    /// As a logarithm: the number of changed cells that the liveliest views of two seconds seldom stay below.
    private var usual: Float?
    /// For how many views the camera has shown the same scene in plain view.
    private var known = 0
    private var otherness: Float = 0.5
    private var hasStopped = false

    /// - Parameters:
    ///   - isPlain: the view is neither hidden nor blank, where nothing could change.
    ///   - isDoubtful: it may be about to be, or its light has changed.
    ///   - isTurned: the camera was seen to turn, or shows another view. What was lively may be seen no more.
    ///   - isOther: the same may be so, or the scene moves all over the picture.
    mutating func judge(
        _ cells: [Int32],
        at time: Double,
        isPlain: Bool,
        isDoubtful: Bool,
        isTurned: Bool,
        isOther: Bool,
        _ measures: inout CameraMeasures
    ) {
        var changed = 0
        for index in 0..<ViewGrid.cells {
            if abs(cells[index] - previous[index]) > Self.same { changed += 1 }
            previous[index] = cells[index]
        }
        defer { hasView = true }
        guard hasView else { return }
        add(changed, at: time)
        otherness += Self.restlessness * ((isOther ? 1 : 0) - otherness)
        if !isPlain { hasStopped = false }
        guard isPlain, hasStopped || !isDoubtful else {
            known = 0
            return
        }
        if isTurned || isOther && otherness < Self.restless { begin() }
        known += 1
        judge(Float(changed), at: time)
        if hasStopped { measures[.stopped] = 1 }
    }

    /// Begins with another picture: the newest view.
    private mutating func begin() {
        (hasStopped, known, usual) = (false, 0, nil)
        count = 1
    }

    private mutating func judge(_ changed: Float, at time: Double) {
        let (views, standing) = look(at: time)
        let most = sorted.rank(of: recent, count: views, share: Self.most)
        let limit = Self.standing * Float(ViewGrid.cells)
        let level = log(most + 1)
        if hasStopped {
            hasStopped = 2 * standing > views
        } else if let usual, known >= Self.enough, views >= 3 {
            hasStopped = max(changed, most) <= limit && level < usual - log(Self.fewer)
        }
        learn(level)
    }

    /// Follows the level that few views stay below, faster at first.
    private mutating func learn(_ level: Float) {
        guard let usual else {
            if known >= Self.settling { self.usual = level }
            return
        }
        let step = max(Self.learning, 1 / Float(known)) * min(1, abs(level - usual))
        self.usual = usual + step * (level > usual ? Self.usuallyFewer : Self.usuallyFewer - 1)
    }

    private mutating func add(_ changed: Int, at time: Double) {
        head = (head + 1) % Self.capacity
        count = min(count + 1, Self.capacity)
        changes[head] = (time, Float(changed))
    }

    /// Gathers the last seconds' changes in `recent`.
    ///
    /// - Returns: the number of views, and of those of a picture that stands.
    private mutating func look(at time: Double) -> (all: Int, standing: Int) {
        var (all, standing) = (0, 0)
        for age in 0..<count {
            let entry = changes[(head + Self.capacity - age) % Self.capacity]
            guard time - entry.time < Self.time else { break }
            recent[all] = entry.cells
            all += 1
            if entry.cells <= Self.standing * Float(ViewGrid.cells) { standing += 1 }
        }
        return (all, standing)
    }
}
