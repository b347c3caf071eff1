/// Tells a cut to another picture from a knock: a camera has mass and is seen on its way, blurred and swinging, and its
/// views have something in common. A cut is there in one step, and the view before it and the one after it stand. Pure.
struct CutJudge {
    /// The longest step in seconds in which a knock would be seen on its way.
    private static let step = 0.25
    /// The share of blocks that stay where they are in a view that stands, and in a cut.
    private static let standing: Float = 0.7
    private static let gone: Float = 0.15
    /// Blocks with edges in either view, without which it may be black or covered.
    private static let fewest = 8
    /// A source that cuts again within these seconds is a film, a tour or a sequence of cameras.
    private static let memory = 300.0

    private var stood = false
    /// Whether the newest view may be the first after a cut.
    private(set) var mayBeCut = false
    private var hadEdges = false
    private var viewedAt: Double?
    private var cutAt: Double?

    /// Whether the cut that was found last is of a source that has not cut for minutes.
    private(set) var isFirst = false

    /// Takes the newest view.
    ///
    /// - Parameters:
    ///   - texture: its blocks', in levels.
    ///   - isRelit: the blocks' light is not where it was. Edges that went while it stayed are blurred.
    /// - Returns: whether the view before it was the first after a cut.
    mutating func judge(_ step: ViewTracker.Step, texture: [Float], isRelit: Bool, at time: Double) -> Bool {
        let hasEdges = texture.count { $0 > ViewTracker.texture } >= Self.fewest
        let isQuick = viewedAt.map { time - $0 <= Self.step } ?? false
        viewedAt = time
        let stands = step.steadiness >= Self.standing
        let isCut = mayBeCut && isQuick && stands
        mayBeCut =
            stood && hadEdges && hasEdges && isQuick && isRelit && step.isLost && step.steadiness <= Self.gone
        (stood, hadEdges) = (stands, hasEdges)
        if isCut {
            isFirst = cutAt.map { time - $0 > Self.memory } ?? true
            cutAt = time
        }
        return isCut
    }
}
