import Foundation

/// What a view usually is like, block by block, and how the newest one differs. It follows slow changes and starts anew
/// where the camera looks elsewhere.
struct UsualView {
    /// From here on a block's edges are at rest, and how far its detail wanders then at most, as a share of it.
    private static let resting: Float = 0.8
    private static let wandering: Float = 0.2

    /// In levels: the mean luma, the texture of `Relief`, the detail of `LumaReducer`.
    private(set) var means = Array(repeating: Float(0), count: ViewGrid.blocks)
    private(set) var texture = Array(repeating: Float(0), count: ViewGrid.blocks)
    private(set) var detail = Array(repeating: Float(0), count: ViewGrid.blocks)
    /// How often the block's edges are those of the home view: hardly ever where things pass, nearly always where they rest.
    private var rest = Array(repeating: Float(0), count: ViewGrid.blocks)
    /// How far a block's detail lies from the usual on average, in levels.
    private var wander = Array(repeating: Float(0), count: ViewGrid.blocks)
    /// The newest view's.
    private(set) var newMeans = Array(repeating: Float(0), count: ViewGrid.blocks)
    private(set) var newTexture = Array(repeating: Float(0), count: ViewGrid.blocks)
    private(set) var newDetail = Array(repeating: Float(0), count: ViewGrid.blocks)
    private var showsHome = Array(repeating: false, count: ViewGrid.blocks)
    /// The blocks that have lost their texture, by `hiding`.
    private var lost = Array(repeating: 0, count: ViewGrid.blocks)
    private var lostCount = 0
    private var isEmpty = true
    private var sorted = Array(repeating: Float(0), count: ViewGrid.blocks)
    private var picked = Array(repeating: Float(0), count: ViewGrid.blocks)

    mutating func take(_ tracker: ViewTracker, detail: [Float]) {
        for block in 0..<ViewGrid.blocks {
            newMeans[block] = tracker.means[block]
            newTexture[block] = tracker.texture[block]
            showsHome[block] = tracker.apart(fromHome: block) < ViewMatch.same
            newDetail[block] = detail[block]
        }
        if isEmpty { begin() }
        isEmpty = false
    }

    /// The newest view is the usual one.
    mutating func begin() {
        for block in 0..<ViewGrid.blocks {
            means[block] = newMeans[block]
            texture[block] = newTexture[block]
            detail[block] = newDetail[block]
            rest[block] = 0.5
            wander[block] = 0.3 * detail[block]
        }
    }

    /// The usual view comes a little nearer to the newest one: light sooner than edges.
    mutating func approach() {
        for block in 0..<ViewGrid.blocks {
            means[block] += 0.1 * (newMeans[block] - means[block])
            texture[block] += 0.02 * (newTexture[block] - texture[block])
            wander[block] += 0.05 * (abs(newDetail[block] - detail[block]) - wander[block])
            detail[block] += 0.02 * (newDetail[block] - detail[block])
            rest[block] += 0.05 * ((showsHome[block] ? 1 : 0) - rest[block])
        }
    }

    /// A block's light against the usual, as a logarithm. Levels near black weigh little.
    func gain(_ block: Int) -> Float { Self.gain(newMeans[block], means[block]) }

    static func gain(_ now: Float, _ then: Float) -> Float { log((now + 6) / (then + 6)) }

    /// Whether the newest view has one level.
    mutating func isFlat() -> Bool {
        let high = sorted.rank(of: newMeans, count: ViewGrid.blocks, share: 0.95)
        return high - sorted.rank(of: newMeans, count: ViewGrid.blocks, share: 0.05) < 4
    }

    /// The median of the blocks' gains, and the size that three quarters of them stay within.
    mutating func gains() -> (median: Float, size: Float) {
        for block in 0..<ViewGrid.blocks { picked[block] = gain(block) }
        let median = sorted.middle(of: picked, count: ViewGrid.blocks)
        for block in 0..<ViewGrid.blocks { picked[block] = abs(picked[block]) }
        return (median, sorted.rank(of: picked, count: ViewGrid.blocks, share: 0.75))
    }

    /// What of the blocks that usually have texture is hidden.
    struct Hiding {
        /// How many blocks usually have texture.
        var blocks = 0
        /// The share of them that lost their edges: what is close to a lens is out of focus, smooth or with a relief of its
        /// own. And the share that has more texture than usual.
        var lost: Float = 0
        var gained: Float = 0
        /// By how many levels the light of those that lost their edges has changed.
        var change: Float = 0
        /// The others, and the share of them that show what they did.
        var others = 0
        var stayed: Float = 1
    }

    mutating func hiding() -> Hiding {
        var hiding = Hiding()
        var (gained, stayed) = (0, 0)
        lostCount = 0
        for block in 0..<ViewGrid.blocks where texture[block] > ViewTracker.texture {
            hiding.blocks += 1
            let dimmed = min(1, exp(gain(block)))
            let isSmooth = newTexture[block] < 0.45 * texture[block] * dimmed
            if newDetail[block] < (isSmooth ? 0.8 : 0.5) * detail[block], isSmooth || !showsHome[block] {
                picked[lostCount] = abs(newMeans[block] - means[block])
                lost[lostCount] = block
                lostCount += 1
                continue
            }
            if !isSmooth, newTexture[block] > 1.25 * texture[block] + 0.5 { gained += 1 }
            if showsHome[block] { stayed += 1 }
        }
        guard hiding.blocks > 0 else { return hiding }
        let all = Float(hiding.blocks)
        (hiding.lost, hiding.gained) = (Float(lostCount) / all, Float(gained) / all)
        hiding.change = sorted.middle(of: picked, count: lostCount)
        hiding.others = hiding.blocks - lostCount
        if hiding.others > 0 { hiding.stayed = Float(stayed) / Float(hiding.others) }
        return hiding
    }

    /// How far the light of the blocks that have lost their texture lies apart, as a standard deviation in levels. One thing
    /// that hides them is of one light.
    func hidingSpread() -> Float {
        guard lostCount > 0 else { return 0 }
        var (sum, squares): (Float, Float) = (0, 0)
        for index in 0..<lostCount {
            let mean = newMeans[lost[index]]
            sum += mean
            squares += mean * mean
        }
        let mean = sum / Float(lostCount)
        return max(0, squares / Float(lostCount) - mean * mean).squareRoot()
    }

    /// By how many levels the light of those blocks has changed since the view of an age, as a median.
    mutating func hidingChange(_ views: ViewHistory, age: Int) -> Float {
        for index in 0..<lostCount {
            picked[index] = abs(newMeans[lost[index]] - views.mean(lost[index], age: age))
        }
        return sorted.middle(of: picked, count: lostCount)
    }

    /// Whether what the block shows is usually the same. What passes takes its detail along, and says nothing about the lens.
    private func isAtRest(_ block: Int) -> Bool {
        rest[block] >= Self.resting && wander[block] <= Self.wandering * detail[block]
    }

    /// How many blocks at rest have detail, what of it is left, the median and the share that three quarters stay below, and
    /// how many of them show what they did.
    mutating func detailLeft() -> (blocks: Int, median: Float, most: Float, stayed: Float) {
        var (blocks, stayed) = (0, 0)
        for block in 0..<ViewGrid.blocks where detail[block] > 1 && isAtRest(block) {
            picked[blocks] = newDetail[block] / detail[block]
            blocks += 1
            if showsHome[block] { stayed += 1 }
        }
        guard blocks > 0 else { return (0, 1, 1, 1) }
        let most = sorted.rank(of: picked, count: blocks, share: 0.75)
        return (blocks, sorted.middle(of: picked, count: blocks), most, Float(stayed) / Float(blocks))
    }

    /// What of the texture is left, as a median.
    mutating func textureLeft() -> Float {
        var blocks = 0
        for block in 0..<ViewGrid.blocks where texture[block] > ViewTracker.texture {
            picked[blocks] = newTexture[block] / texture[block]
            blocks += 1
        }
        return blocks > 0 ? sorted.middle(of: picked, count: blocks) : 1
    }
}
