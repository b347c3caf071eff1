import Foundation
import Frames

/// Tells lamps that go out or come on by light that changes alike all over the picture and stays so. Pure.
struct LightJudge {
    /// How much the light must change, as a logarithm of the levels: by 15 %.
    private static let change: Float = 0.16
    /// Of the median change: what nearly all blocks change at least, and how unsteady the light may have been before.
    private static let alike: Float = 0.45
    private static let steady: Float = 0.3
    /// The share of blocks that may change otherwise.
    private static let others: Float = 0.15
    /// How long the new light lasts before it is reported, and the light of before began and ended this long ago.
    private static let after = 0.65
    private static let before = (from: 1.05, to: 1.95)
    private static let pulse = 1.0
    /// How long the colours, which are measured less often, may show that it is no lamp.
    private static let doubt = 0.5

    /// A change of light that may yet be a switch to infra-red or back.
    private struct Pending {
        /// As a logarithm of the levels.
        let change: Float
        /// The colour before it.
        let colour: Float
        let since: Double

        /// Whether the colours went or came: the camera switches to infra-red, or back. They may not have been measured since
        /// the change, and then are as before.
        ///
        /// - Parameter change: of the light by now, as a logarithm; it may still be on its way.
        func isInfrared(_ now: Float, change: Float) -> Bool {
            guard max(now, colour) >= 4 else { return false }
            let (ratio, light) = ((now + 0.5) / (colour + 0.5), exp(change))
            return ratio < 0.5 * min(1, light) || ratio > 2 * max(1, light)
        }
    }

    private var pending: Pending?
    private var silentUntil = -Double.infinity
    private var until = (out: -Double.infinity, on: -Double.infinity)
    private var usual = Array(repeating: Float(0), count: ViewGrid.blocks)
    private var least = Array(repeating: Float(0), count: ViewGrid.blocks)
    private var gains = Array(repeating: Float(0), count: ViewGrid.blocks)
    private var sorted = Array(repeating: Float(0), count: ViewGrid.blocks)

    /// Whether the light has changed a moment ago.
    private(set) var isNewLight = false

    /// What the light was before is another picture's.
    mutating func begin() {
        pending = nil
        until = (-.infinity, -.infinity)
    }

    /// - Parameter isPlain: the view is neither turning, nor hidden, nor blank, and has not been for some seconds.
    mutating func judge(_ views: ViewHistory, home: Float, isPlain: Bool, _ measures: inout CameraMeasures) {
        let time = views[0].time
        if !isPlain { pending = nil }
        if pending == nil, time >= silentUntil, isPlain, home >= 0.4, let change = change(views, at: time) {
            pending = Pending(change: change, colour: colour(views, before: change, at: time), since: time)
        }
        if let found = pending, found.isInfrared(views[0].colour, change: median(views, 0, sign: 1)) {
            (pending, silentUntil) = (nil, time + Self.pulse)
        } else if let found = pending, time - found.since >= Self.doubt {
            if found.change < 0 { until.out = time + Self.pulse } else { until.on = time + Self.pulse }
            (pending, silentUntil) = (nil, time + Self.pulse)
        }
        isNewLight = pending != nil || time < max(until.out, until.on)
        if time < until.out { measures[.lightsOut] = 1 }
        if time < until.on { measures[.lightsOn] = 1 }
    }

    /// The change of light as a logarithm; nil if there is none that counts.
    private mutating func change(_ views: ViewHistory, at time: Double) -> Float? {
        let early = views.ages(from: Self.before.from, to: Self.before.to, before: time)
        let late = views.ages(to: Self.after, before: time)
        guard early.count >= 2, late.count >= 2 else { return nil }
        for block in 0..<ViewGrid.blocks {
            usual[block] = 0
            for age in early { usual[block] += views.mean(block, age: age) / Float(early.count) }
        }
        var (lowest, highest): (Float, Float) = (0, 0)
        for age in early {
            let median = median(views, age, sign: 1)
            (lowest, highest) = (min(lowest, median), max(highest, median))
        }
        for sign in [Float(-1), 1] {
            var smallest = Float.infinity
            for age in late {
                smallest = min(smallest, median(views, age, sign: sign))
                for block in 0..<ViewGrid.blocks {
                    least[block] = age == late.lowerBound ? gains[block] : min(least[block], gains[block])
                }
            }
            guard smallest >= Self.change, highest - lowest < Self.steady * smallest else { continue }
            if sorted.rank(of: least, count: ViewGrid.blocks, share: Self.others) >= Self.alike * smallest {
                return sign * smallest
            }
        }
        return nil
    }

    /// The median change of a view against `usual`; leaves each block's in `gains`.
    private mutating func median(_ views: ViewHistory, _ age: Int, sign: Float) -> Float {
        for block in 0..<ViewGrid.blocks {
            gains[block] = sign * UsualView.gain(views.mean(block, age: age), usual[block])
        }
        return sorted.middle(of: gains, count: ViewGrid.blocks)
    }

    /// The colour before a change: the most before less light, the least before more.
    private func colour(_ views: ViewHistory, before change: Float, at time: Double) -> Float {
        var colour = views[0].colour
        for age in views.ages(from: Self.before.from, to: 2.3, before: time) {
            colour = change < 0 ? max(colour, views[age].colour) : min(colour, views[age].colour)
        }
        return colour
    }
}
