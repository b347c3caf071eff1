/// Follows where a camera looks, from view to view: its position in views since the beginning, lost where nothing of before
/// is seen any more.
struct ViewTracker {
    /// From this mean |relief| in levels on, a block has texture.
    static let texture: Float = 1.5
    /// The share of blocks that must agree for a view to be known, and that beside which no other place need be searched.
    private static let known: Float = 0.35
    private static let certain: Float = 0.75
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
        var share: Float = 1
        /// The share of blocks that agree with the home view where they are.
        var home: Float = 1
        /// The camera looks elsewhere than before, for long enough to be sure of it.
        var isElsewhere = false
        /// The move was followed all the way.
        var isRebased = false
    }

    private var relief = Relief()
    private var previous = Relief()
    private var anchor = Relief()
    private var home = Relief()
    private var hasView = false
    private var anchorAt = SIMD2<Double>.zero
    private var last = ViewMatch.Shift()
    private var stillViews = 0
    private var stillSince = 0.0
    private var lostViews = 0
    private var leastSteadiness: Float = 1
    /// When the camera rested last with the home view before it.
    private var restedAt = 0.0
    private var past = ReliefHistory()
    private var least: Float = 0.8
    private var drifts = DriftScratch()

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
        return past.vote(age: age, shift: shift, least: least)
    }

    /// - Parameters:
    ///   - lumas: of `LumaReducer`.
    ///   - keepsHome: the view is in trouble, and not the one to compare the next ones with.
    mutating func follow(_ lumas: [Int32], at time: Double, keepsHome: Bool) -> Step {
        relief.make(of: lumas)
        past.add(relief.cells)
        defer {
            swap(&previous, &relief)
            hasView = true
        }
        var step = Step()
        guard hasView else {
            anchor.take(relief)
            home.take(relief)
            stillSince = time
            return step
        }
        least = min(0.8, Self.texture / max(relief.meanTexture, 0.5))
        let none = ViewMatch.Shift()
        let before = ViewMatch.agreement(relief.cells, previous.cells, shift: none, least: least)
        step.steadiness = before.share
        if before.compared >= Self.fewest { leastSteadiness = min(leastSteadiness, before.share) }
        let moved = ViewMatch.drift(relief.cells, previous.cells, shift: none, least: least, &drifts)
        // As the view just before, up to a part of a cell.
        let isStill = before.share > 0.5 && moved.x * moved.x + moved.y * moved.y < 0.0225
        if isStill { stillViews += 1 } else { (stillViews, stillSince) = (0, time) }
        let atHome = ViewMatch.agreement(relief.cells, home.cells, shift: none, least: least)
        step.home = atHome.share
        if isStill, step.home >= 0.5 { restedAt = time }
        let stay = ViewMatch.agreement(relief.cells, anchor.cells, shift: none, least: least)
        guard stay.compared >= Self.fewest else {
            (step.x, step.y) = (anchorAt.x, anchorAt.y)
            return step
        }
        var (shift, share) = (none, stay.share)
        if share < Self.certain, let found = search(least, beside: stay) { (shift, share) = found }
        step.share = share
        if share >= Self.known {
            let fine = ViewMatch.drift(relief.cells, anchor.cells, shift: shift, least: least, &drifts)
            last = shift
            (step.x, step.y) = place(shift, beyond: fine)
            lostViews = 0
        } else {
            (step.x, step.y) = place(last)
            step.isLost = true
            lostViews += 1
        }
        settle(&step, shift, share, textured: atHome.compared, at: time, keepsHome: keepsHome)
        return step
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
        anchor.take(previous)
        (anchorAt, last) = (.zero, ViewMatch.Shift())
        (stillViews, stillSince, restedAt) = (0, time, time)
        (lostViews, leastSteadiness) = (0, 1)
    }

    /// Where the view lies in the anchor, if anywhere.
    private func search(_ least: Float, beside stay: ViewMatch.Agreement) -> (ViewMatch.Shift, Float)? {
        var best = (shift: ViewMatch.Shift(), cost: Float.infinity, share: Float(0))
        func consider(_ x: Int, _ y: Int) {
            let shift = ViewMatch.Shift(x: x, y: y)
            let found = ViewMatch.agreement(relief.half, anchor.half, scale: 2, shift: shift, least: 0.8 * least)
            guard found.compared >= Self.fewest, 3 * found.compared >= stay.compared, found.cost < best.cost else {
                return
            }
            best = (shift, found.cost, found.share)
        }
        let near = ViewMatch.Shift(x: last.x / 2, y: last.y / 2)
        for y in near.y - 3...near.y + 3 { for x in near.x - 4...near.x + 4 { consider(x, y) } }
        // What is lost for long is searched for now and then.
        if best.share < 0.5, lostViews < 5 || lostViews % 5 == 0 {
            for y in stride(from: -20, through: 20, by: 2) {
                for x in stride(from: -36, through: 36, by: 2) { consider(x, y) }
            }
            let around = best.shift
            for y in around.y - 1...around.y + 1 { for x in around.x - 1...around.x + 1 { consider(x, y) } }
        }
        guard best.cost < .infinity else { return nil }
        var finest = (shift: ViewMatch.Shift(), cost: Float.infinity, share: Float(-1))
        for y in 2 * best.shift.y - 1...2 * best.shift.y + 1 {
            for x in 2 * best.shift.x - 1...2 * best.shift.x + 1 {
                let shift = ViewMatch.Shift(x: x, y: y)
                let found = ViewMatch.agreement(relief.cells, anchor.cells, shift: shift, least: least)
                guard found.compared >= Self.fewest, found.cost < finest.cost else { continue }
                finest = (shift, found.cost, found.share)
            }
        }
        guard finest.share > stay.share + 0.15 else { return nil }
        return (finest.shift, finest.share)
    }

    /// Chooses what the next views are compared with.
    private mutating func settle(
        _ step: inout Step,
        _ shift: ViewMatch.Shift,
        _ share: Float,
        textured: Int,
        at time: Double,
        keepsHome: Bool
    ) {
        let place = SIMD2(step.x, step.y)
        if step.isLost {
            if stillViews >= 2 { rebase(at: place) }
        } else if abs(shift.x) > 16 || abs(shift.y) > 9
            || max(abs(shift.x), abs(shift.y)) >= 4 && (0.45..<0.6).contains(share)
        {
            // Followed so far: what the camera sees now is as good as what it saw.
            rebase(at: place)
            if !keepsHome { home.take(relief) }
            step.isRebased = true
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

    private mutating func rebase(at place: SIMD2<Double>) {
        anchor.take(relief)
        anchorAt = place
        last = ViewMatch.Shift()
    }
}
