import Frames

/// Detects a knock by how briefly the view went far, and how little before and after. What always moves does not
/// move so. Pure.
enum KnockJudge {
    /// A knock is over sooner than a turn, and goes at least so many views.
    private static let time = 0.45
    private static let length: Float = 0.06
    /// The seconds before it and after it, and the share of its length by which the view may move in them.
    private static let rest = 0.35
    private static let restLength: Float = 0.35
    /// Of the blocks with a pattern, how many may be where they were.
    private static let stayed = 0.15
    private static let fewest = 5
    /// In how many quarters of the picture blocks went along: a thing that flies past before a plain ground is in fewer.
    private static let spread = 3

    /// Whether a knock is over since a moment.
    ///
    /// - Parameters:
    ///   - own: how the scene moves by itself.
    ///   - hasRested: the view was at rest within the last seconds.
    static func isKnocked(
        _ views: ViewHistory,
        _ tracker: ViewTracker,
        _ own: OwnMotion,
        hasRested: Bool,
        at now: Double
    ) -> Bool {
        let ages = views.ages(from: rest, to: rest + time, before: now)
        let before = views.ages(from: rest + time, to: 2 * rest + time, before: now)
        guard !ages.isEmpty, !before.isEmpty else { return false }
        var way = SIMD2<Float>.zero
        for age in ages {
            if views[age].isTurning { return false }
            way += views[age].step
        }
        let length = ViewHistory.View.length(way)
        let axis = abs(way.x) >= abs(way.y) ? 0 : 1
        guard length >= Self.length, !own.explains(way[axis] / Float(time), axis: axis),
            max(path(views, 0..<ages.lowerBound), path(views, before)) <= restLength * length
        else { return false }
        let since = ages.upperBound
        let vote = tracker.vote(age: since, way: SIMD2<Float>(views[0].place - views[since].place))
        if vote.isOfMost, vote.spread >= spread { return true }
        // A camera that was tilted as well shows hardly a block where the way would take it, and none where it was. Where
        // much moves by itself that is no proof.
        return hasRested && !own.isLively && vote.blocks >= fewest
            && Double(vote.stayed) <= stayed * Double(vote.blocks)
    }

    /// How far the view went in all, to and fro.
    private static func path(_ views: ViewHistory, _ ages: Range<Int>) -> Float {
        ages.reduce(0) { $0 + ViewHistory.View.length(views[$1].step) }
    }
}
