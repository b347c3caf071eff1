import Frames

/// Tells a camera that turns, shakes or was knocked by where it looked in the last second. Pure.
struct MotionJudge {
    /// The seconds over which a turn is one way, and a shake to and fro.
    private static let turnTime = 0.65
    private static let shakeTime = 1.05
    /// The views that a turn goes at least within `turnTime`, and how straight it is. How many times the mean the longest step
    /// is at most: a knock is no turn.
    private static let turnLength: Float = 0.02
    private static let straight: Float = 0.85
    private static let jerk: Float = 2.4
    /// How like the views must be to where they were found, as a mean.
    private static let turnLikeness: Float = 0.4
    private static let shakeLikeness: Float = 0.6
    /// The views that a shake goes to and fro within `shakeTime`, and how little of that may be left.
    private static let shakeLength: Float = 0.018
    private static let leftOver: Float = 0.6
    /// How long a knock is reported.
    private static let pulse = 1.5

    /// In how many quarters of the picture blocks went along.
    private static let spread = 3
    /// The seconds for which the view rests before it turns or shakes.
    private static let restBefore = 0.5
    /// For how long after that rest it is believed to turn or shake. What never rests is the scene's own motion.
    private static let patience = 6.0

    /// In so many seconds four new views are reported at most: those that come again and again are the scene's own.
    private static let often = 60.0

    private var movedUntil = -Double.infinity
    /// When the last four new views came, reported or not, the latest first.
    private var newViews = SIMD4(repeating: -Double.infinity)
    private var own = OwnMotion()
    private var restedAt = -Double.infinity
    private var restingSince: Double?

    /// Whether a knock was found a moment ago: what the view was like before is of no use.
    private(set) var isNewView = false
    /// Whether the newest view moved as a camera does that turns or is shaken, and not as the scene always does.
    private(set) var isTurned = false

    /// The source has cut to another picture, which was not the camera's own motion.
    mutating func cut(isReported: Bool, at time: Double) {
        movedUntil = isReported ? time + Self.pulse : -.infinity
    }

    /// Takes the newest view. Marks it if the camera turns.
    mutating func judge(
        _ views: inout ViewHistory,
        _ step: ViewTracker.Step,
        _ tracker: ViewTracker,
        _ measures: inout CameraMeasures
    ) {
        let time = views[0].time
        rest(views, step, at: time)
        let mayTurn = time - restedAt < Self.patience
        let turn = mayTurn ? turn(views, tracker, at: time) : nil
        if let turn {
            measures[turn] = 1
            views[0].isTurning = true
        }
        let shakes = mayTurn && turn == nil && shakes(views, tracker, at: time)
        if shakes { measures[.shake] = 1 }
        isTurned = views[0].isMoving && (turn != nil || shakes || !own.isRestless)
        isNewView = step.isElsewhere
        if KnockJudge.isKnocked(views, tracker, own, hasRested: mayTurn, at: time) { isNewView = true }
        if isNewView, time >= newViews[0] + Self.pulse {
            if time - newViews[3] >= Self.often { movedUntil = time + Self.pulse }
            newViews = SIMD4(time, newViews[0], newViews[1], newViews[2])
        }
        if time < movedUntil { measures[.moved] = 1 }
    }

    /// Learns how the scene moves, and when it rested last.
    private mutating func rest(_ views: ViewHistory, _ step: ViewTracker.Step, at time: Double) {
        let isMoving = views[0].isMoving || step.isLost
        if views.count > 1 { own.take(views[0].step, isMoving: isMoving, over: time - views[1].time) }
        if isMoving {
            restingSince = nil
        } else {
            restingSince = restingSince ?? time
            if time - (restingSince ?? time) >= Self.restBefore { restedAt = time }
        }
    }

    /// Whether most blocks with a pattern went along since the view of an age, all over the picture.
    private static func isOfCamera(_ vote: ViewVote) -> Bool {
        vote.isOfMost && vote.spread >= spread
    }

    private func turn(_ views: ViewHistory, _ tracker: ViewTracker, at time: Double) -> CameraTrouble? {
        let ages = views.ages(to: Self.turnTime, before: time)
        guard ages.count >= 3 else { return nil }
        var way = SIMD2<Float>.zero
        var (length, most, moving, likeness): (Float, Float, Int, Float) = (0, 0, 0, 0)
        for age in ages {
            let view = views[age]
            if view.isLost { return nil }
            way += view.step
            length += ViewHistory.View.length(view.step)
            most = max(most, ViewHistory.View.length(view.step))
            moving += view.isMoving ? 1 : 0
            likeness += view.likeness
        }
        let isTurn =
            max(abs(way.x), abs(way.y)) >= Self.turnLength && ViewHistory.View.length(way) >= Self.straight * length
            && Float(ages.count) * most <= Self.jerk * length && 5 * moving >= 4 * ages.count
            && likeness >= Self.turnLikeness * Float(ages.count)
        guard isTurn, Self.isOfCamera(tracker.vote(age: ages.count, way: way)) else { return nil }
        let axis = abs(way.x) >= abs(way.y) ? 0 : 1
        let seconds = Float(time - views[min(ages.count, views.count - 1)].time)
        if seconds > 0, own.explains(way[axis] / seconds, axis: axis) { return nil }
        if abs(way.x) >= abs(way.y) { return way.x < 0 ? .panLeft : .panRight }
        return way.y < 0 ? .tiltUp : .tiltDown
    }

    private func shakes(_ views: ViewHistory, _ tracker: ViewTracker, at time: Double) -> Bool {
        let ages = views.ages(to: Self.shakeTime, before: time)
        guard ages.count >= 5 else { return false }
        var way = SIMD2<Float>.zero
        var (length, likeness, lost): (Float, Float, Int) = (0, 0, 0)
        var last = SIMD2<Float>.zero
        var turns = SIMD2<Int>.zero
        for age in ages {
            let view = views[age]
            if view.isTurning { return false }
            lost += view.isLost ? 1 : 0
            likeness += view.likeness
            way += view.step
            length += ViewHistory.View.length(view.step)
            for axis in 0..<2 where abs(view.step[axis]) > 0.003 {
                if view.step[axis] * last[axis] < 0 { turns[axis] += 1 }
                last[axis] = view.step[axis]
            }
        }
        let isShake =
            2 * lost <= ages.count && likeness >= Self.shakeLikeness * Float(ages.count)
            && length >= Self.shakeLength
            && ViewHistory.View.length(way) <= Self.leftOver * length && max(turns.x, turns.y) >= 2
        guard isShake, !own.isRestless else { return false }
        // The view that lies farthest away says best what went along.
        var farthest = (age: 0, way: SIMD2<Float>.zero)
        for age in ages where !views[age].isLost {
            let way = SIMD2<Float>(views[0].place - views[age].place)
            if ViewHistory.View.length(way) > ViewHistory.View.length(farthest.way) { farthest = (age, way) }
        }
        let cells = farthest.way * SIMD2(Float(ViewGrid.columns), Float(ViewGrid.rows))
        // Within a cell there is nothing to be seen of it.
        return max(abs(cells.x), abs(cells.y)) < 1
            || Self.isOfCamera(tracker.vote(age: farthest.age, way: farthest.way))
    }
}
