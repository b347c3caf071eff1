import Frames

/// Tells a camera that turns, shakes or was knocked by where it looked in the last second. Pure.
struct MotionJudge {
    /// The seconds over which a turn is one way, and a shake to and fro.
    private static let turnTime = 0.65
    private static let shakeTime = 1.05
    /// The views that a turn goes at least within `turnTime`, and how straight it is.
    private static let turnLength: Float = 0.02
    private static let straight: Float = 0.85
    /// The views that a shake goes to and fro within `shakeTime`, and how little of that may be left.
    private static let shakeLength: Float = 0.018
    private static let leftOver: Float = 0.6
    /// A knock is over sooner than a turn, and goes at least so far.
    private static let knockTime = 0.75
    private static let knockLength: Float = 0.05
    /// The seconds without motion after which one is over.
    private static let rest = 0.35
    /// How long a knock is reported.
    private static let pulse = 1.5

    private struct Episode {
        var start: Double
        var end: Double
        var from: SIMD2<Float>
        /// It turned or shook, and is no knock.
        var isExplained = false
        /// Nothing stayed where it was from one view to the next.
        var isAbrupt = false
    }

    private var episode: Episode?
    private var movedUntil = -1.0

    /// Whether a knock was found a moment ago: what the view was like before is of no use.
    private(set) var isNewView = false

    /// Takes the newest view. Marks it if the camera turns.
    mutating func judge(_ views: inout ViewHistory, _ step: ViewTracker.Step, _ measures: inout CameraMeasures) {
        let time = views[0].time
        let turn = turn(views, at: time)
        if let turn {
            measures[turn] = 1
            views[0].isTurning = true
        }
        let shakes = turn == nil && shakes(views, at: time)
        if shakes { measures[.shake] = 1 }
        isNewView = step.isElsewhere
        if views[0].isMoving || step.isLost {
            let from = views[min(1, views.count - 1)].place
            var now = episode ?? Episode(start: time, end: time, from: from)
            now.end = time
            if turn != nil || shakes { now.isExplained = true }
            if step.steadiness < 0.3 { now.isAbrupt = true }
            episode = now
        } else if let past = episode, time - past.end >= Self.rest {
            let length = ViewHistory.View.length(views[0].place - past.from)
            let isKnock =
                !past.isExplained && past.isAbrupt && past.end - past.start < Self.knockTime && step.share >= 0.5
                && length >= Self.knockLength
            if isKnock { isNewView = true }
            episode = nil
        }
        if isNewView { movedUntil = time + Self.pulse }
        if time < movedUntil { measures[.moved] = 1 }
    }

    private func turn(_ views: ViewHistory, at time: Double) -> CameraTrouble? {
        let ages = views.ages(to: Self.turnTime, before: time)
        guard ages.count >= 3 else { return nil }
        var way = SIMD2<Float>.zero
        var (length, moving, share): (Float, Int, Float) = (0, 0, 0)
        for age in ages {
            let view = views[age]
            if view.isLost { return nil }
            way += view.step
            length += ViewHistory.View.length(view.step)
            moving += view.isMoving ? 1 : 0
            share += view.share
        }
        let isTurn =
            max(abs(way.x), abs(way.y)) >= Self.turnLength && ViewHistory.View.length(way) >= Self.straight * length
            && 5 * moving >= 4 * ages.count && 2 * share >= Float(ages.count)
        guard isTurn else { return nil }
        if abs(way.x) >= abs(way.y) { return way.x < 0 ? .panLeft : .panRight }
        return way.y < 0 ? .tiltUp : .tiltDown
    }

    private func shakes(_ views: ViewHistory, at time: Double) -> Bool {
        let ages = views.ages(to: Self.shakeTime, before: time)
        guard ages.count >= 5 else { return false }
        var way = SIMD2<Float>.zero
        var (length, share, lost): (Float, Float, Int) = (0, 0, 0)
        var last = SIMD2<Float>.zero
        var turns = SIMD2<Int>.zero
        for age in ages {
            let view = views[age]
            if view.isTurning { return false }
            lost += view.isLost ? 1 : 0
            share += view.share
            way += view.step
            length += ViewHistory.View.length(view.step)
            for axis in 0..<2 where abs(view.step[axis]) > 0.003 {
                if view.step[axis] * last[axis] < 0 { turns[axis] += 1 }
                last[axis] = view.step[axis]
            }
        }
        return 2 * lost <= ages.count && 10 * share >= 6 * Float(ages.count) && length >= Self.shakeLength
            && ViewHistory.View.length(way) <= Self.leftOver * length && max(turns.x, turns.y) >= 2
    }
}
