import Foundation

/// What a view usually is like, block by block, and how the newest one differs. It follows slow changes and starts anew
/// where the camera looks elsewhere.
struct UsualView {
    /// In levels: the mean luma, the texture of `Relief`, the detail of `LumaReducer`.
    private(set) var means = Array(repeating: Float(0), count: ViewGrid.blocks)
    private(set) var texture = Array(repeating: Float(0), count: ViewGrid.blocks)
    private(set) var detail = Array(repeating: Float(0), count: ViewGrid.blocks)
    /// The newest view's.
    private(set) var newMeans = Array(repeating: Float(0), count: ViewGrid.blocks)
    private(set) var newTexture = Array(repeating: Float(0), count: ViewGrid.blocks)
    private(set) var newDetail = Array(repeating: Float(0), count: ViewGrid.blocks)
    /// The blocks that have lost their texture, by `hiding`.
    private var lost = Array(repeating: 0, count: ViewGrid.blocks)
    private var lostCount = 0
    private var isEmpty = true
    private var sorted = Array(repeating: Float(0), count: ViewGrid.blocks)
    private var picked = Array(repeating: Float(0), count: ViewGrid.blocks)

    mutating func take(means: [Float], texture: [Float], detail: [Float]) {
        for block in 0..<ViewGrid.blocks {
            newMeans[block] = means[block]
            newTexture[block] = texture[block]
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
        }
    }

    /// The usual view comes a little nearer to the newest one: light sooner than edges.
    mutating func approach() {
        for block in 0..<ViewGrid.blocks {
            means[block] += 0.1 * (newMeans[block] - means[block])
            texture[block] += 0.02 * (newTexture[block] - texture[block])
            detail[block] += 0.02 * (newDetail[block] - detail[block])
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

    /// How many blocks usually have texture, the share of them that lost it, the share that has more than usual, and by how
    /// many levels the light of those that lost it has changed.
    mutating func hiding() -> (blocks: Int, lost: Float, gained: Float, change: Float) {
        var (blocks, gained) = (0, 0)
        lostCount = 0
        for block in 0..<ViewGrid.blocks where texture[block] > ViewTracker.texture {
            blocks += 1
            let dimmed = min(1, exp(gain(block)))
            if newTexture[block] < 0.45 * texture[block] * dimmed {
                if newDetail[block] < 0.5 * detail[block] {
                    picked[lostCount] = abs(newMeans[block] - means[block])
                    lost[lostCount] = block
                    lostCount += 1
                }
            } else if newTexture[block] > 1.25 * texture[block] + 0.5 {
                gained += 1
            }
        }
        guard blocks > 0 else { return (0, 0, 0, 0) }
        let change = sorted.middle(of: picked, count: lostCount)
        return (blocks, Float(lostCount) / Float(blocks), Float(gained) / Float(blocks), change)
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

    /// How many blocks usually have detail, and what of it is left: the median and the share that three quarters stay below.
    mutating func detailLeft() -> (blocks: Int, median: Float, most: Float) {
        var blocks = 0
        for block in 0..<ViewGrid.blocks where detail[block] > 1 {
            picked[blocks] = newDetail[block] / detail[block]
            blocks += 1
        }
        return (blocks, sorted.middle(of: picked, count: blocks), sorted.rank(of: picked, count: blocks, share: 0.75))
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
