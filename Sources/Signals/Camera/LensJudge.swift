import Foundation
import Frames

/// Tells a lens that something covers or that is out of focus by what the blocks have lost of their usual edges. Pure.
struct LensJudge {
    /// The blocks with edges, without which nothing can be said.
    private static let fewest = 8
    /// The share of blocks that must have lost their edges, and that keeps a cover going.
    private static let hidden: Float = 0.42
    private static let stillHidden: Float = 0.35
    /// The share that may come to be a cover, and is not learnt.
    private static let doubtful: Float = 0.25
    /// Of the blocks that a cover leaves as it comes, how many show what they did: in a turn towards a wall none does.
    private static let stayed: Float = 0.5
    private static let others = 4
    /// By how many levels it changes the light of the blocks that it hides.
    private static let relit: Float = 5
    /// How long what hides a view stays as it is, in seconds and levels, and how far its light may lie apart.
    private static let restTime = 0.35
    private static let resting: Float = 4
    private static let oneThing: Float = 20
    /// What is left of the detail out of focus, and how much sooner fine detail goes than coarse.
    private static let blurred: Float = 0.62
    private static let finer: Float = 0.8
    /// How far the light of three quarters of the blocks may change in it, as a logarithm: a lens moves light a little way.
    /// What leaves a belt or a road takes its light along.
    private static let sameLight: Float = 0.15
    /// The detail that noise adds, against the usual.
    private static let noisy: Float = 1.5
    /// A picture that stays blurred may be a little sharper.
    private static let stillBlurred: Float = 1.2

    private(set) var isCovered = false
    private(set) var isBlurred = false
    /// A part of the view has lost its edges, or all of it some detail, all at once: it may yet be covered or blurred.
    private(set) var isDoubtful = false
    /// Whether the rest of the view was where it had been when that began; nil if there was no rest, as in a blur of motion.
    private var isBeside: Bool?
    /// The view has far more detail than usual: noise, from which nothing can be learnt.
    private(set) var isNoisy = false

    /// Takes the newest view. Notes in it what it has lost.
    ///
    /// - Parameters:
    ///   - isFlat: the picture has one level: blank, and neither.
    ///   - calm: the seconds since the camera turned last.
    mutating func judge(
        _ views: inout ViewHistory,
        _ usual: inout UsualView,
        home: Float,
        isFlat: Bool,
        calm: Double,
        _ measures: inout CameraMeasures
    ) {
        let time = views[0].time
        (isNoisy, isDoubtful) = (false, false)
        let hides = !isFlat && isHidden(&views, &usual, home: home, at: time)
        if !isDoubtful { isBeside = nil }
        let softens = !isFlat && calm >= 0.4 && isSoft(&views, &usual, at: time)
        // What keeps what is coarse is a blur, unless it has been covered before.
        isCovered = hides && (isCovered || !softens)
        isBlurred = softens && !isCovered
        if isCovered { measures[.covered] = 1 }
        if isBlurred { measures[.defocus] = 1 }
    }

    private mutating func isHidden(
        _ views: inout ViewHistory,
        _ usual: inout UsualView,
        home: Float,
        at time: Double
    ) -> Bool {
        let hiding = usual.hiding()
        guard hiding.blocks >= Self.fewest else { return false }
        views[0].hidden = hiding.lost
        // A hand comes within a second or two. What hides a view little by little belongs to the scene.
        let isSudden = isCovered || views.ages(from: 1.8, to: 2.7, before: time).allSatisfy { views[$0].hidden < 0.3 }
        guard isSudden, hiding.gained <= 0.25 else { return false }
        isDoubtful = hiding.lost >= Self.doubtful && hiding.change >= Self.relit / 2
        if isDoubtful, isBeside == nil, hiding.others >= Self.others { isBeside = hiding.stayed >= Self.stayed }
        guard hiding.change >= Self.relit else { return false }
        if isCovered { return hiding.lost >= Self.stillHidden && home < 0.62 }
        return hiding.lost >= Self.hidden && home < 0.62 && isBeside != false && isAtRest(views, &usual, at: time)
    }

    /// Whether what hides the view is one thing that stays before the lens. A lorry moves on, and another view has many
    /// lights.
    private func isAtRest(_ views: ViewHistory, _ usual: inout UsualView, at time: Double) -> Bool {
        let ages = views.ages(from: Self.restTime, to: Self.restTime + 0.3, before: time)
        guard let age = ages.first, usual.hidingSpread() <= Self.oneThing else { return false }
        return usual.hidingChange(views, age: age) < Self.resting
    }

    private mutating func isSoft(_ views: inout ViewHistory, _ usual: inout UsualView, at time: Double) -> Bool {
        let left = usual.detailLeft()
        guard left.blocks >= Self.fewest else { return false }
        let gains = usual.gains()
        // Less light takes detail and texture alike.
        let light = min(1, exp(gains.median))
        let detail = left.median / light
        views[0].detail = detail
        isNoisy = left.median >= Self.noisy
        let isSudden = isBlurred || views.ages(from: 2.5, to: 3.1, before: time).allSatisfy { views[$0].detail > 0.8 }
        let slack = isBlurred ? Self.stillBlurred : 1
        let texture = usual.textureLeft()
        // A lens takes its time: at first the edges are where they were. What it has begun to take away is not learnt.
        if isSudden, detail <= Self.finer, gains.size < Self.sameLight { isDoubtful = true }
        return isSudden && detail <= Self.blurred * slack && left.median <= Self.finer * slack * texture
            && left.most / light <= Self.finer * slack && abs(gains.median) < 0.2
            && gains.size < (isBlurred ? 0.3 : Self.sameLight)
            && (isBlurred || left.stayed >= 0.4) && texture >= 0.35
    }
}
