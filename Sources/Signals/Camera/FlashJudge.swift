import Frames

/// Tells a light that flashes by blocks that become lighter all at once, show the same all the while, and are as before
/// within a second, at least twice in three seconds. Pure.
struct FlashJudge {
    /// By how many levels a block is lit, and unlit again.
    private static let lit: Float = 18
    private static let unlit: Float = 9
    /// What is brighter than this may have lost its edges.
    private static let glaring: Float = 225
    private static let fewest = 3
    private static let longest = 0.95
    private static let memory = 3.0
    private static let pulse = 1.3

    private var base = Array(repeating: Float(0), count: ViewGrid.blocks)
    private var isLit = Array(repeating: false, count: ViewGrid.blocks)
    private var isEmpty = true
    private var since: Double?
    /// When the last two flashes were over.
    private var last = (-Double.infinity, -Double.infinity)

    /// - Parameter calm: the seconds since the camera turned last.
    mutating func judge(
        _ views: ViewHistory,
        _ usual: UsualView,
        _ tracker: ViewTracker,
        calm: Double,
        _ measures: inout CameraMeasures
    ) {
        let time = views[0].time
        if isEmpty || calm == 0 { begin(usual) }
        isEmpty = false
        if calm < 0.25 {
            since = nil
        } else if let start = since {
            goOn(views, usual, start: start, at: time)
        } else if begins(views, usual, tracker) {
            since = time
        }
        if since == nil {
            for block in 0..<ViewGrid.blocks { base[block] += 0.15 * (usual.newMeans[block] - base[block]) }
        }
        if last.1 - last.0 <= Self.memory, time - last.1 <= Self.pulse { measures[.flash] = 1 }
    }

    /// What the view was before is another picture's.
    mutating func begin() { (isEmpty, since, last) = (true, nil, (-.infinity, -.infinity)) }

    private mutating func begin(_ usual: UsualView) {
        for block in 0..<ViewGrid.blocks { base[block] = usual.newMeans[block] }
    }

    private mutating func goOn(_ views: ViewHistory, _ usual: UsualView, start: Double, at time: Double) {
        var (all, still, sudden) = (0, 0, 0)
        for block in 0..<ViewGrid.blocks {
            let rise = usual.newMeans[block] - base[block]
            if time - start < 0.15, rise > Self.lit { isLit[block] = true }
            guard isLit[block] else { continue }
            all += 1
            if rise > Self.unlit { still += 1 }
            if views.mean(block, age: 2) - base[block] > Self.unlit { sudden += 1 }
        }
        if 4 * still < all {
            // A light that swings leaves block after block.
            if time - start <= Self.longest, 4 * sudden >= 3 * all { last = (last.1, time) }
            since = nil
        } else if time - start > 1.2 {
            // A lamp that stays on.
            since = nil
            begin(usual)
        }
    }

    /// Whether some blocks became lighter all at once. Light that goes elsewhere leaves others darker.
    private mutating func begins(_ views: ViewHistory, _ usual: UsualView, _ tracker: ViewTracker) -> Bool {
        guard views.count >= 4 else { return false }
        var (all, slow, same, fallen) = (0, 0, 0, 0)
        for block in 0..<ViewGrid.blocks {
            if views.mean(block, age: 2) - usual.newMeans[block] > 12 { fallen += 1 }
            isLit[block] = usual.newMeans[block] - base[block] > Self.lit
            guard isLit[block] else { continue }
            all += 1
            if views.mean(block, age: 2) - base[block] > 12 { slow += 1 }
            // Light adds no edges. A thing that comes into the picture does.
            let showsSame =
                usual.texture[block] >= ViewTracker.texture
                ? tracker.apart(fromHome: block) < 0.62 || usual.newMeans[block] > Self.glaring
                : usual.newTexture[block] < usual.texture[block] + 1
            if showsSame { same += 1 }
        }
        return all >= Self.fewest && 5 * slow <= all && 3 * fallen <= all && 10 * same >= 6 * all
    }
}
