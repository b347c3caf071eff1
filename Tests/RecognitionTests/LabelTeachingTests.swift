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

    @Test func lessonEqualsNumPys() {
        let teaching = LabelTeaching(clips: Self.clips, others: Self.others, scale: 8)
        #expect(teaching.taught.weight == 0.3)
        #expect(abs(teaching.taught.offset - 0.47346643) < 1e-5)
        #expect(
            isClose(teaching.taught.direction.map(Double.init), [0.49924686, -0.45884872, 0.62567271, 0.16574861])
        )
        #expect(isClose(teaching.examples.map(\.taught), [-0.47067189, 1.01258334, 0.24730025]))
        #expect(isClose(teaching.stills.map(\.taught), [-0.93275967, -0.68400542, 0.04168222]))
        #expect(isClose(teaching.others.map(\.taught), [0.46527318, -1.30220982]))
        #expect(isClose(teaching.examples.map(\.text), [0.7, -0.6, -0.2]))
        #expect(isClose([teaching.separation.text, teaching.separation.taught], [0.24666667, 0.74547447]))
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
    @Test func agreeingClipsGetTheWholeWeight() {
        let clips = (0..<2).map { _ in
            LabelTeaching.Clip(
                shown: LabelTeaching.View(video: [1, 0, 0], text: -1, background: 0),
                still: LabelTeaching.View(video: [0, 1, 0], text: 0, background: 0)
            )
        }
        let teaching = LabelTeaching(clips: clips, others: [], scale: 10)
        #expect(teaching.taught == TaughtLabel(direction: [1, -1, 0], offset: 0, weight: 1))
        #expect(teaching.examples.allSatisfy { $0.taught == 10 } && teaching.stills.allSatisfy { $0.taught == -10 })
    }
}
