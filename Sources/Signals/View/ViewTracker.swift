/// Follows where a camera looks, from view to view: its position in views since the beginning, lost where nothing of before
/// is seen any more.
struct ViewTracker {
    /// From this mean |relief| in levels on, a block has texture.
    static let texture: Float = 1.5
    /// The likeness beside which no other place need be searched.
    private static let certain: Float = 0.7
    /// By how much more a view is like the one before it than like the anchor for that to be taken for it.
    private static let better: Float = 0.1
    /// Blocks with texture, without which nothing can be said of where a camera looks.
    private static let fewest = 5
    /// The same for another view than before.
    private static let enough = 8
    /// The seconds from rest to rest in which a knock is over.
    private static let suddenness = 1.3
    /// Trouble keeps the home view. If it lasted longer than these seconds, another view is not taken for a knock.
    private static let longestDoubt = 4.0

    struct Step {
        /// Where the camera looks, in views.
        var x = 0.0
        var y = 0.0
        /// Whether nothing of the view before is seen.
        var isLost = false
        /// The share of blocks that agree with the view before where they are.
        var steadiness: Float = 1
        /// How like the view is to what it was found in, from -1 to 1.
        var likeness: Float = 1
        /// The share of blocks that agree with the home view where they are.
        var home: Float = 1
        /// How far the light of three quarters of the blocks lies at most from the home view's, as a logarithm.
        var relit: Float = 0
        /// The camera looks elsewhere than before, for long enough to be sure of it.
        var isElsewhere = false
    }

    /// Of the newest view, of the one before and of the home view.
    private var relief = Relief()
    private var previous = Relief()
    private var home = Relief()
    /// Of the newest view, of the one before and of the anchor, which the newest is compared with; where the latter two lie.
    private var pattern = ViewPattern()
    private var before = ViewPattern()
    private var anchor = ViewPattern()
    private var beforeAt = SIMD2<Double>.zero
    private var anchorAt = SIMD2<Double>.zero
    /// Whether the anchor is the view before.
    private var isAnchorNewest = true
    /// Where the view before lay in the anchor.
    private var last = ViewMatch.Shift()
    private var hasView = false
    private var stillViews = 0
    private var stillSince = 0.0
    private var leastSteadiness: Float = 1
    /// When the camera rested last with the home view before it.
    private var restedAt = 0.0
    private var past = PatternHistory()
    private var least: Float = 0.8
    private var drifts = DriftScratch()
    private var gains = Array(repeating: Float(0), count: ViewGrid.blocks)
    private var sorted = Array(repeating: Float(0), count: ViewGrid.blocks)

    /// Of the view that was followed last.
    var texture: [Float] { previous.texture }
    var means: [Float] { previous.means }

    /// How far a block lies from the home view's, as a share of its relief: below 0.62 it shows the same.
    func apart(fromHome block: Int) -> Float {
        let (row, column) = (block / ViewGrid.across, block % ViewGrid.across)
        let start = row * ViewGrid.blockHeight * ViewGrid.columns + column * ViewGrid.blockWidth
        var (apart, all): (Int32, Int32) = (0, 1)
        for row in 0..<ViewGrid.blockHeight {
            for index in start + row * ViewGrid.columns..<start + row * ViewGrid.columns + ViewGrid.blockWidth {
                let (now, then) = (Int32(previous.cells[index]), Int32(home.cells[index]))
                apart += abs(now - then)
                all += abs(now) + abs(then)
            }
        }
        return 2 * Float(apart) / Float(all)
    }

    /// How the blocks moved since the view of an age, in views, if the camera is thought to have turned so far.
    func vote(age: Int, way: SIMD2<Float>) -> ViewVote {
        let shift = ViewMatch.Shift(
            x: Int((way.x * Float(ViewGrid.columns)).rounded()),
            y: Int((way.y * Float(ViewGrid.rows)).rounded())
        )
        return past.vote(age: age, shift: shift)
    }

    /// - Parameters:
    ///   - lumas: of `LumaReducer`.
    ///   - keepsHome: the view is in trouble, and not the one to compare the next ones with.
    mutating func follow(_ lumas: [Int32], at time: Double, keepsHome: Bool) -> Step {
        relief.make(of: lumas)
        pattern.make(of: relief.raw)
        past.add(pattern.cells)
        defer {
            swap(&previous, &relief)
            swap(&before, &pattern)
            hasView = true
        }
        var step = Step()
        guard hasView else {
            anchor.take(pattern)
            home.take(relief)
            stillSince = time
            return step
        }
        least = min(0.8, Self.texture / max(relief.meanTexture, 0.5))
        let steady = ViewMatch.agreement(relief, previous, least: least)
        step.steadiness = steady.share
        if steady.compared >= Self.fewest { leastSteadiness = min(leastSteadiness, steady.share) }
        let from = beforeAt
        follow(&step)
        // As the view just before, up to a part of a cell.
        let moved = (SIMD2(step.x, step.y) - from) * SIMD2(Double(ViewGrid.columns), Double(ViewGrid.rows))
        let isStill = steady.share > 0.5 && (moved * moved).sum() < 0.04
        if isStill { stillViews += 1 } else { (stillViews, stillSince) = (0, time) }
        let atHome = ViewMatch.agreement(relief, home, least: least)
        step.home = atHome.share
        step.relit = relit()
        if isStill, step.home >= 0.5 { restedAt = time }
        settle(&step, textured: atHome.compared, at: time, keepsHome: keepsHome)
        return step
    }

    /// Finds the newest view in the anchor, or else in the view before, which is the anchor from then on.
    private mutating func follow(_ step: inout Step) {
        let none = ViewMatch.Shift()
        var place = PatternMatch.Place(shift: last, likeness: PatternMatch.likeness(pattern, anchor, last))
        var isFound = place.likeness >= Self.certain
        if !isFound, let found = PatternMatch.find(pattern, in: anchor, near: last) { (place, isFound) = (found, true) }
        if place.likeness < Self.certain, !isAnchorNewest {
            var next: PatternMatch.Place? = PatternMatch.Place(likeness: PatternMatch.likeness(pattern, before, none))
            if (next?.likeness ?? 0) < Self.certain { next = PatternMatch.find(pattern, in: before, near: none) }
            if let next, !isFound || next.likeness > place.likeness + Self.better {
                rebaseBefore()
                (place, isFound) = (next, true)
            }
        }
        if !isFound, let found = PatternMatch.find(pattern, in: before) {
            rebaseBefore()
            (place, isFound) = (found, true)
        }
        isAnchorNewest = false
        step.isLost = !isFound
        step.likeness = place.likeness
        if isFound {
            last = place.shift
            let fine = ViewMatch.drift(pattern.cells, anchor.cells, shift: last, least: 0.5, &drifts)
            (step.x, step.y) = self.place(last, beyond: fine)
        } else {
            (step.x, step.y) = self.place(last)
        }
        beforeAt = SIMD2(step.x, step.y)
    }

    /// As `Step.relit`.
    private mutating func relit() -> Float {
        for block in 0..<ViewGrid.blocks { gains[block] = abs(UsualView.gain(relief.means[block], home.means[block])) }
        return sorted.rank(of: gains, count: ViewGrid.blocks, share: 0.75)
    }

    /// Where the camera looks whose view lies so many cells from the anchor's.
    private func place(_ shift: ViewMatch.Shift, beyond fine: ViewMatch.Drift = ViewMatch.Drift()) -> (Double, Double) {
        (
            anchorAt.x + (Double(shift.x) + Double(fine.x)) / Double(ViewGrid.columns),
            anchorAt.y + (Double(shift.y) + Double(fine.y)) / Double(ViewGrid.rows)
        )
    }

    /// The view that was followed last is home, and what was seen before is of another picture.
    mutating func begin(at time: Double) {
        home.take(previous)
        anchor.take(before)
        (anchorAt, beforeAt, last) = (.zero, .zero, ViewMatch.Shift())
        isAnchorNewest = true
        (stillViews, stillSince, restedAt) = (0, time, time)
        leastSteadiness = 1
    }

    /// Chooses what the next views are compared with.
    private mutating func settle(_ step: inout Step, textured: Int, at time: Double, keepsHome: Bool) {
        let place = SIMD2(step.x, step.y)
        if step.isLost {
            if stillViews >= 2 { rebase(at: place) }
        } else if abs(last.x) > 16 || abs(last.y) > 9 {
            // Followed so far: what the camera sees now is as good as what it saw.
            rebase(at: place)
            if !keepsHome { home.take(relief) }
            leastSteadiness = 1
        } else if stillViews >= 5, time - stillSince >= 0.5, !keepsHome {
            if step.home < 0.3 {
                // A turn lasts longer, and so does what drives up and stands.
                let isFresh = stillViews == 5 || time - stillSince <= Self.longestDoubt
                let isSudden = isFresh && stillSince - restedAt <= Self.suddenness
                step.isElsewhere = isSudden && leastSteadiness <= 0.15 && step.home < 0.2 && textured >= Self.enough
                leastSteadiness = 1
                home.take(relief)
                rebase(at: place)
            } else if stillViews % 10 == 0 {
                leastSteadiness = 1
                home.take(relief)
                rebase(at: place)
            }
        }
    }

    /// The view before the newest is the anchor.
    private mutating func rebaseBefore() {
        anchor.take(before)
        anchorAt = beforeAt
    }

    private mutating func rebase(at place: SIMD2<Double>) {
        anchor.take(pattern)
        anchorAt = place
        last = ViewMatch.Shift()
        isAnchorNewest = true
    }
}
