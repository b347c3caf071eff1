import Foundation
import Testing
import XCLIP

@testable import Recognition

/// Compares with results that NumPy computed from the same few numbers.
@Suite struct LabelTeachingTests {
    private static func unit(_ values: [Double]) -> [Float] {
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { Float($0 / length) }
    }

    private static func shown(_ seed: Double) -> [Float] {
        unit((0..<4).map { sin(seed * 1.7 + Double($0) * 2.3) + ($0 == 0 ? 1.2 : 0) })
    }

    private static func still(_ seed: Double) -> [Float] {
        unit((0..<4).map { cos(seed * 0.9 + Double($0) * 1.1) + ($0 == 1 ? 1 : 0) })
    }

    private static let clips = [(1.0, 0.3, 0.2, 0.5), (-0.5, 0.1, 0.1, 0.2), (0.2, 0.4, -0.3, 0.0)].enumerated().map {
        index,
        logits in
        LabelTeaching.Clip(
            shown: LabelTeaching.View(video: shown(Double(index)), text: logits.0, background: logits.1),
            still: LabelTeaching.View(video: still(Double(index)), text: logits.2, background: logits.3)
        )
    }
    private static let others = [(0.6, 0.1), (-1.0, 0.2)].enumerated().map { index, logits in
        LabelTeaching.View(video: shown(10 + Double(index)), text: logits.0, background: logits.1)
    }

    private func isClose(_ values: [Double], _ expected: [Double]) -> Bool {
        values.count == expected.count && zip(values, expected).allSatisfy { abs($0 - $1) < 1e-5 }
    }

    /// NumPy 2.4, in double precision: the leads of each of eleven weights, their middle, and the log loss.
    @Test func lessonEqualsNumPys() {
        let teaching = LabelTeaching(clips: Self.clips, others: Self.others, background: Self.others, scale: 20)
        #expect(teaching.taught.weight == 0.2 && teaching.refusal == nil)
        #expect(abs(teaching.taught.offset - 1.46033274) < 1e-5)
        #expect(
            isClose(teaching.taught.direction.map(Double.init), [0.49924686, -0.45884872, 0.62567271, 0.16574861])
        )
        #expect(isClose(teaching.examples.map(\.taught), [-0.89578648, 1.99297224, 0.66083375]))
        #expect(isClose(teaching.stills.map(\.taught), [-1.23926611, -0.98800904, 0.2348037]))
        #expect(isClose(teaching.others.map(\.taught), [0.6774553, -1.61501637]))
        #expect(teaching.background == teaching.others)
        #expect(isClose(teaching.examples.map(\.text), [0.7, -0.6, -0.2]))
        #expect(isClose([teaching.separation.text, teaching.separation.taught], [0.24666667, 1.17201301]))
        // The best F1, 2/3, is between -0.988 and -0.896: below the background.
        #expect(teaching.proposedLead == 0)
    }

    /// The same clips for a model of smaller logits: 0.745 apart, by NumPy.
    @Test func whatDoesNotStandApartIsRefused() throws {
        let teaching = LabelTeaching(clips: Self.clips, others: Self.others, scale: 8)
        guard case .separation(let separation)? = teaching.refusal else {
            Issue.record("\(String(describing: teaching.refusal))")
            return
        }
        #expect(abs(separation - 0.74547447) < 1e-5)
        #expect(teaching.taught.weight == 0 && teaching.proposedLead == nil)
        #expect(teaching.examples.allSatisfy { $0.taught == $0.text })
    }

    /// Three clips in which nothing happens: they differ from their first pictures by grain alone. The text scores low, which
    /// must not make the examples look better.
    @Test(arguments: [-6.0, 0, 3]) func junkIsRefused(text: Double) {
        let clips = (0..<3).map { clip in
            let scene: [Double] = [1, Double(clip) * 0.1, 0, 0]
            let grain: [Double] = [0, 0, clip == 1 ? -0.01 : 0.01, clip == 2 ? -0.01 : 0.01]
            return LabelTeaching.Clip(
                shown: LabelTeaching.View(video: Self.unit(zip(scene, grain).map(+)), text: text, background: 0),
                still: LabelTeaching.View(video: Self.unit(scene), text: text, background: 0)
            )
        }
        let teaching = LabelTeaching(clips: clips, others: [], scale: 100)
        #expect(teaching.taught.weight == 0)
        #expect(teaching.stills.allSatisfy { $0.taught == text })
    }

    /// Two that stand far apart in the mean, but whose pairs are in the wrong order too often.
    @Test func leadsInTheWrongOrderAreRefused() {
        #expect(LabelTeaching.refusal([9, 0, 0], [[1, 1, 1]]) == .order(1 / 3.0))
        #expect(LabelTeaching.refusal([9, 2, 2], [[1, 1, 1], []]) == nil)
        #expect(LabelTeaching.refusal([1, 1], [[0.5, 0.5]]) == .separation(0.5))
        // Easy counterexamples do not outvote the others.
        #expect(LabelTeaching.refusal([9, 0, 0], [[-9, -9, -9, -9, -9, -9], [1]]) == .order(1 / 3.0))
    }

    /// Clips that do not differ from their first pictures teach nothing.
    @Test func clipsWithoutAnEventLeaveTheTextAlone() {
        let clips = Self.clips.map { clip in
            LabelTeaching.Clip(
                shown: LabelTeaching.View(video: clip.shown.video, text: 2, background: 0),
                still: LabelTeaching.View(video: clip.shown.video, text: -2, background: 0)
            )
        }
        let teaching = LabelTeaching(clips: clips, others: [], scale: 8)
        #expect(teaching.taught.weight == 0)
        #expect(teaching.taught.direction.allSatisfy { $0 == 0 })
        #expect(teaching.examples.allSatisfy { $0.taught == $0.text })
    }

    /// Two clips that show the same event, which the text does not describe.
    private static let agreeing = LabelTeaching.Clip(
        shown: LabelTeaching.View(video: [1, 0, 0], text: -1, background: 0),
        still: LabelTeaching.View(video: [0, 1, 0], text: 0, background: 0)
    )

    @Test func agreeingClipsGetTheWholeWeight() throws {
        let teaching = LabelTeaching(clips: [Self.agreeing, Self.agreeing], others: [], scale: 10)
        #expect(teaching.taught == TaughtLabel(direction: [1, -1, 0], offset: 0, weight: 1))
        #expect(teaching.examples.allSatisfy { $0.taught == 10 } && teaching.stills.allSatisfy { $0.taught == -10 })
        #expect(teaching.proposedLead == 0)
        let quiet = LabelTeaching.View(video: [0.6, 0.4, 0], text: 0, background: 0)
        // Windows of the background that score 2 raise it to the middle of 2 and 10.
        let clips = Array(repeating: Self.agreeing, count: 2)
        let beside = LabelTeaching(clips: clips, others: [], background: [quiet], scale: 10)
        #expect(beside.taught == teaching.taught)
        #expect(abs(try #require(beside.proposedLead) - 6) < 1e-5)
    }
}
